module "dailies" {
  source = "../../modules/platform"

  project          = var.project
  region           = var.region
  bucket_name      = var.bucket_name
  source_archive   = var.source_archive
  worker_image     = var.worker_image
  billing_account  = var.billing_account
  budget_per_month = var.budget_per_month
  budget_currency  = var.budget_currency
  alert_email      = var.alert_email
  settings         = var.settings
  secrets          = var.secrets

  cors_origins      = var.cors_origins
  protect           = true
  max_instances     = 50
  worker_cpu        = 8
  worker_memory_gib = 16

  # The first thing a user waits for.
  min_instances = {
    createUpload = 1
  }
}
