resource "google_storage_bucket" "media" {
  # checkov:skip=CKV_GCP_62: who reads and writes objects is Cloud Audit Logs' to say, where audit_data_access turns that on.
  # checkov:skip=CKV_GCP_78: artifacts are named by their content and live for days: an older version of one can't exist.
  project                     = var.project
  name                        = var.name
  location                    = var.location
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.protect

  # What was deleted is gone: a user who deletes a video means it, and soft deletion bills uploads for a week.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  # A browser uploads to the session that it was given and reads back how far it got.
  dynamic "cors" {
    for_each = length(var.cors_origins) > 0 ? [var.cors_origins] : []

    content {
      origin          = cors.value
      method          = ["GET", "HEAD", "POST", "PUT"]
      response_header = ["Content-Length", "Content-Range", "Content-Type", "ETag", "Location", "Range", "x-goog-content-length-range", "x-goog-generation", "x-goog-hash", "x-goog-if-generation-match", "x-goog-resumable"]
      max_age_seconds = 3600
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = var.upload_retention_days
      matches_prefix = ["uploads/"]
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = var.staging_retention_days
      matches_prefix = ["staging/"]
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = var.artifact_retention_days
      matches_prefix = ["artifacts/"]
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }
}

resource "google_storage_bucket" "source" {
  # checkov:skip=CKV_GCP_62: holds no user's data; a deployment is in Cloud Audit Logs, its upload only with audit_data_access.
  # checkov:skip=CKV_GCP_78: an archive is named by its hash: an older version of one can't exist.
  project                     = var.project
  name                        = "${var.name}-source"
  location                    = var.location
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
}

resource "google_storage_bucket_iam_member" "component" {
  for_each = var.grants

  bucket = google_storage_bucket.media.name
  role   = each.value.role
  member = each.value.member
}

# Cloud Storage itself tells Eventarc of finished uploads, by a topic that Eventarc made.
data "google_storage_project_service_account" "agent" {
  project = var.project
}

resource "google_project_iam_member" "publishes_events" {
  project = var.project
  role    = "roles/pubsub.publisher"
  member  = data.google_storage_project_service_account.agent.member
}
