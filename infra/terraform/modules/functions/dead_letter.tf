# Events of uploads that onUpload refused again and again. Eventarc makes the subscription that they come from by
# itself: infra/after-apply gives it this topic.
resource "google_pubsub_topic" "dead_letter" {
  # checkov:skip=CKV_GCP_83: holds names of objects, no content; encrypted by Google's keys.
  project                    = var.project
  name                       = "dailies-upload-dead-letter"
  message_retention_duration = "604800s"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_subscription" "dead_letter" {
  project                    = var.project
  name                       = "dailies-upload-dead-letter"
  topic                      = google_pubsub_topic.dead_letter.id
  message_retention_duration = "604800s"
  ack_deadline_seconds       = 60

  # One that is not pulled for a month would be deleted, and with it what it keeps.
  expiration_policy {
    ttl = ""
  }
}

# It is Pub/Sub itself that moves a message over.
resource "google_pubsub_topic_iam_member" "moves_messages" {
  project = var.project
  topic   = google_pubsub_topic.dead_letter.name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:service-${var.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

# A dead letter that nobody reads is a lost upload.
resource "google_monitoring_alert_policy" "dead_letter" {
  project               = var.project
  display_name          = "Dailies: an upload could not be taken in"
  combiner              = "OR"
  notification_channels = var.notification_channels

  conditions {
    display_name = "messages in dailies-upload-dead-letter"

    condition_threshold {
      filter          = "metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.dead_letter.name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }
}
