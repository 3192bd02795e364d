resource "google_cloud_run_v2_service" "grpc" {
  project             = var.project
  location            = var.region
  name                = var.name
  ingress             = "INGRESS_TRAFFIC_ALL"
  deletion_protection = var.protect
  # Whoever calls shows a token or a key of ours, which Cloud Run knows nothing of. Where an organisation forbids to
  # name everybody, the service doesn't ask.
  invoker_iam_disabled = var.public_access == "unchecked"

  template {
    service_account = var.service_account
    # Streams are this long, and go on in another.
    timeout                          = "3600s"
    max_instance_request_concurrency = var.concurrency

    scaling {
      min_instance_count = var.min_instances
      max_instance_count = var.max_instances
    }

    containers {
      image   = var.image
      command = ["/opt/dailies/bin/python", "-m", "dailies"]
      args    = ["grpc", "--port", "8080"]

      # HTTP/2 without TLS, to the container: Cloud Run ends TLS.
      ports {
        name           = "h2c"
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = "1"
          memory = "512Mi"
        }
      }

      startup_probe {
        failure_threshold = 30
        period_seconds    = 1

        grpc {
          port = 8080
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
              secret  = env.value.secret
              version = env.value.version
            }
          }
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [client, client_version]
  }
}

resource "google_cloud_run_v2_service_iam_member" "public" {
  count = var.public_access == "allUsers" ? 1 : 0

  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.grpc.name
  role     = "roles/run.invoker"
  member   = "allUsers"
}
