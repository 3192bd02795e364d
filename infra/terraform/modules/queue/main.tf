resource "google_cloud_tasks_queue" "advance" {
  project  = var.project
  location = var.region
  name     = var.name

  rate_limits {
    max_dispatches_per_second = var.max_dispatches_per_second
    max_concurrent_dispatches = var.max_concurrent_dispatches
  }

  # A task is small and repeating it is harmless: it is tried until the sweeper gives the job up.
  retry_config {
    max_attempts       = var.max_attempts
    max_retry_duration = "${var.max_retry_seconds}s"
    min_backoff        = "1s"
    max_backoff        = "300s"
    max_doublings      = 6
  }

  stackdriver_logging_config {
    sampling_ratio = 1
  }
}

resource "google_cloud_tasks_queue_iam_member" "enqueuer" {
  for_each = var.enqueuers

  project  = var.project
  location = var.region
  name     = google_cloud_tasks_queue.advance.name
  role     = "roles/cloudtasks.enqueuer"
  member   = each.value
}
