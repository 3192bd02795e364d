# Who read and wrote what. Cloud Audit Logs has by itself only what changes the project; this is billed by its size, and
# replaces what the project has set for these services.
resource "google_project_iam_audit_config" "data" {
  for_each = toset(var.audit_data_access ? ["datastore.googleapis.com", "iamcredentials.googleapis.com", "storage.googleapis.com"] : [])

  project = var.project
  service = each.value

  audit_log_config {
    log_type = "DATA_READ"
  }

  audit_log_config {
    log_type = "DATA_WRITE"
  }
}
