locals {
  environment = merge(var.environment, {
    # All that a function may write is memory, and that is below /tmp.
    DAILIES_HOME = "/tmp/dailies"
    # The Firebase CLI would set it: firebase-functions takes the trigger's bucket from it, firebase-admin the project.
    FIREBASE_CONFIG = jsonencode({ projectId = var.project, storageBucket = var.bucket })
  })

  # The only one that may call each of these.
  invokers = { for name, function in var.functions : name => function.caller if function.caller != "everybody" }
}

resource "google_storage_bucket_object" "source" {
  # The name is the content: a changed archive is another object, and so a deployment.
  name   = "functions-${filesha256(var.source_archive)}.zip"
  bucket = var.source_bucket
  source = var.source_archive
}

resource "google_cloudfunctions2_function" "this" {
  # checkov:skip=CKV_GCP_124: callables and share are called by apps, from anywhere; the others take internal traffic only.
  for_each = var.functions

  project  = var.project
  location = var.region
  name     = each.key

  build_config {
    runtime         = var.runtime
    entry_point     = each.key
    service_account = var.build_account

    source {
      storage_source {
        bucket = google_storage_bucket_object.source.bucket
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    service_account_email            = var.service_accounts[each.value.account]
    available_memory                 = each.value.memory
    available_cpu                    = "1"
    timeout_seconds                  = each.value.timeout_seconds
    max_instance_request_concurrency = each.key == "sweep" ? 1 : var.concurrency
    min_instance_count               = lookup(var.min_instances, each.key, 0)
    max_instance_count               = var.max_instances
    # Cloud Tasks, Cloud Scheduler and Eventarc of the same project count as internal at a run.app address
    # (https://docs.cloud.google.com/run/docs/securing/ingress), whoever else has the right to call does not.
    ingress_settings      = each.value.caller == "everybody" ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    environment_variables = local.environment

    dynamic "secret_environment_variables" {
      for_each = var.secret_environment[each.value.account]

      content {
        key        = secret_environment_variables.key
        project_id = var.project
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }

  dynamic "event_trigger" {
    for_each = each.key == "onUpload" ? [var.bucket] : []

    content {
      trigger_region        = var.region
      event_type            = "google.cloud.storage.object.v1.finalized"
      retry_policy          = "RETRY_POLICY_RETRY"
      service_account_email = var.service_accounts["events"]

      event_filters {
        attribute = "bucket"
        value     = event_trigger.value
      }
    }
  }
}

# An organisation may forbid members from outside its domain (iam.allowedPolicyMemberDomains, the default of new ones):
# then nothing is bound here, and infra/after-apply turns the services' check off, which Google recommends for that
# (https://docs.cloud.google.com/run/docs/authenticating/public) and functions have no argument for.
resource "google_cloud_run_v2_service_iam_member" "public" {
  for_each = { for name, function in var.functions : name => function if function.caller == "everybody" && var.public_access == "allUsers" }

  project  = var.project
  location = var.region
  name     = basename(google_cloudfunctions2_function.this[each.key].service_config[0].service)
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_service_iam_member" "private" {
  for_each = local.invokers

  project  = var.project
  location = var.region
  name     = basename(google_cloudfunctions2_function.this[each.key].service_config[0].service)
  role     = "roles/run.invoker"
  member   = "serviceAccount:${var.service_accounts[each.value]}"
}

resource "google_cloud_scheduler_job" "sweep" {
  project          = var.project
  region           = var.region
  name             = "dailies-sweep"
  description      = "Ends expired leases, uploads that never came, overdue jobs and what they left"
  schedule         = var.sweep_schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "1740s"

  # The next sweep is near: one that failed is not worth more than one more try.
  retry_config {
    retry_count = 1
  }

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.this["sweep"].service_config[0].uri

    oidc_token {
      service_account_email = var.service_accounts["schedule"]
      audience              = google_cloudfunctions2_function.this["sweep"].service_config[0].uri
    }
  }
}
