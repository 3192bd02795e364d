module "dailies" {
  source = "../../modules/platform"

  project          = var.project
  region           = var.region
  bucket_name      = var.bucket_name
  source_archive   = var.source_archive
  worker_image     = var.worker_image
  worker_scratch   = var.worker_scratch
  firestore        = var.firestore
  billing_account  = var.billing_account
  budget_per_month = var.budget_per_month
  budget_currency  = var.budget_currency
  alert_email      = var.alert_email
  secrets          = var.secrets
  grpc             = var.grpc

  public_access     = var.public_access
  audit_data_access = var.audit_data_access

  # A page under development is not attested.
  settings = merge({
    DAILIES_REQUIRE_APP_CHECK = "false"
  }, var.settings)

  # A page under development, and data that may go.
  cors_origins      = concat(var.cors_origins, ["http://localhost:5000", "http://localhost:5173"])
  protect           = false
  max_instances     = 5
  worker_cpu        = 2
  worker_memory_gib = 4
}
