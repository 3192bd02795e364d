resource "google_cloud_run_v2_job" "worker" {
  project             = var.project
  location            = var.region
  name                = var.name
  deletion_protection = var.protect

  template {
    # No parallelism: it must not exceed the number of tasks, which each execution says by itself and can be one.
    template {
      service_account       = var.service_account
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2" # namespaces, which the FFmpeg sandbox needs
      timeout               = "${var.timeout_seconds}s"
      max_retries           = var.max_retries

      containers {
        image = var.image

        resources {
          limits = {
            cpu    = tostring(var.cpu)
            memory = "${var.memory_gib}Gi"
          }
        }

        dynamic "env" {
          for_each = var.environment

          content {
            name  = env.key
            value = env.value
          }
        }

        dynamic "env" {
          for_each = var.secret_environment

          content {
            name = env.key

            value_source {
              secret_key_ref {
                secret  = env.value
                version = "latest"
              }
            }
          }
        }
      }
    }
  }

  lifecycle {
    # The scratch disk comes after the apply (infra/after-apply): provider 6 knows volumes in memory only, and a
    # video in memory is what the disk is there to prevent. The stage is the disk's: it is in preview.
    ignore_changes = [
      client,
      client_version,
      launch_stage,
      template[0].template[0].volumes,
      template[0].template[0].containers[0].volume_mounts,
    ]
  }
}

# Google's own roles for this also edit the job, or can't ask whether an execution still runs.
resource "google_project_iam_custom_role" "this" {
  for_each = {
    starts  = ["run.executions.get", "run.jobs.run", "run.jobs.runWithOverrides"]
    cancels = ["run.executions.cancel"]
  }

  project     = var.project
  role_id     = replace("${var.name}_${each.key}", "-", "_")
  title       = "Dailies: ${each.key} executions of ${var.name}"
  permissions = each.value
}

resource "google_cloud_run_v2_job_iam_member" "starts" {
  for_each = var.starters

  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_job.worker.name
  role     = google_project_iam_custom_role.this["starts"].id
  member   = each.value
}

resource "google_cloud_run_v2_job_iam_member" "cancels" {
  for_each = var.cancellers

  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_job.worker.name
  role     = google_project_iam_custom_role.this["cancels"].id
  member   = each.value
}
