resource "google_cloud_run_v2_job" "worker" {
  project             = var.project
  location            = var.region
  name                = var.name
  deletion_protection = var.protect
  launch_stage        = "BETA" # the disk's

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

        volume_mounts {
          name       = "scratch"
          mount_path = "/scratch"
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
                secret  = env.value.secret
                version = env.value.version
              }
            }
          }
        }
      }

      # A disk: everything else that a worker can write to is its memory, and a video does not fit there.
      volumes {
        name = "scratch"

        empty_dir {
          medium     = "DISK"
          size_limit = var.scratch
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [client, client_version]
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
