# What nobody sees who doesn't look: jobs that fail for no fault of their users, and queues that stand.
locals {
  # Lines that functions and worker write for this (tests/unit/services/test_told_to_operators.py).
  counted_lines = {
    failed_jobs  = "jsonPayload.message=\"a job has failed\" AND jsonPayload.fault=\"deployment\""
    waiting_jobs = "jsonPayload.message=\"jobs wait long\""
  }

  alerts = {
    failed_jobs = {
      title    = "Dailies: jobs fail"
      filter   = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.lines["failed_jobs"].name}\" AND (resource.type = \"cloud_run_job\" OR resource.type = \"cloud_run_revision\")"
      aligner  = "ALIGN_DELTA"
      above    = var.failed_jobs_alert
      duration = "0s"
      words    = "More than ${var.failed_jobs_alert} jobs in ten minutes failed for no fault of their users: `gcloud logging read 'jsonPayload.message=\"a job has failed\"' --project=${var.project}`, then docs/operations.md by the code."
    }
    waiting_jobs = {
      title    = "Dailies: jobs wait for a worker"
      filter   = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.lines["waiting_jobs"].name}\" AND resource.type = \"cloud_run_revision\""
      aligner  = "ALIGN_DELTA"
      above    = 0
      duration = "0s"
      words    = "Jobs have waited for a quarter of an hour: `./dailies doctor --project ${var.project}` says whether workers start; else raise DAILIES_MAX_RUNNING_JOBS."
    }
    # What the sweep can't tell, because it is a function as well: tasks that nobody takes.
    standing_tasks = {
      title    = "Dailies: tasks pile up"
      filter   = "metric.type = \"cloudtasks.googleapis.com/queue/depth\" AND resource.type = \"cloud_tasks_queue\" AND resource.labels.queue_id = monitoring.regex.full_match(\"${module.queue.name}|${module.steps_queue.name}|${module.deliveries_queue.name}\")"
      aligner  = "ALIGN_MIN"
      above    = var.standing_tasks_alert
      duration = "900s"
      words    = "For a quarter of an hour a queue was never under ${var.standing_tasks_alert} tasks: see the logs of advance, runStep and deliver, and whether the queue is paused."
    }
  }
}

resource "google_logging_metric" "lines" {
  for_each = local.counted_lines

  project = var.project
  name    = "dailies/${each.key}"
  filter  = "(resource.type=\"cloud_run_revision\" OR resource.type=\"cloud_run_job\") AND ${each.value}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }

  depends_on = [google_project_service.required]
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.alerts

  project               = var.project
  display_name          = each.value.title
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.mail.name]

  documentation {
    content = each.value.words
  }

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.above
      duration        = each.value.duration

      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.aligner == "ALIGN_DELTA" ? "REDUCE_SUM" : null
      }
    }
  }
}
