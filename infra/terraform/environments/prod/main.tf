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

  # The code's own defaults in the cloud, said where they can be seen: who nobody knows has no jobs, and an app proves that
  # it is yours. Open either only with what one user, one job and all of them may cost in mind.
  settings = merge({
    DAILIES_ALLOW_ANONYMOUS   = "false"
    DAILIES_REQUIRE_APP_CHECK = "true"
    DAILIES_JOB_MAX_USD       = "1"
    DAILIES_QUOTA_USD_PER_DAY = "5"
    DAILIES_ALL_USD_PER_DAY   = "50"
  }, var.settings)

  cors_origins      = var.cors_origins
  protect           = true
  max_instances     = 20
  worker_cpu        = 8
  worker_memory_gib = 16

  # The first thing a user waits for.
  min_instances = {
    createUpload = 1
  }
}
