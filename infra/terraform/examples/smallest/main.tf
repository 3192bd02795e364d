# Everything in a project that exists, with the least to decide: a development's limits, no budget, state on this machine.
# docs/first-result.md leads through it.
module "dailies" {
  source = "../../modules/platform"

  project        = var.project
  region         = var.region
  bucket_name    = "${var.project}-dailies"
  source_archive = "${path.module}/../../../../dist/stage/functions.zip"
  worker_image   = var.worker_image
  alert_email    = var.alert_email

  # No page is attested yet. Who may spend how much is said by the defaults: a dollar a job, five a user and day.
  settings = {
    DAILIES_REQUIRE_APP_CHECK = "false"
    DAILIES_WORKERS           = "2"
  }

  cors_origins      = ["http://localhost:5000", "http://localhost:5173"]
  protect           = false
  max_instances     = 5
  worker_cpu        = 2
  worker_memory_gib = 4
}
