mock_provider "google" {
  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = {
        service = "projects/my-app/locations/europe-west1/services/one"
        uri     = "https://one-42.europe-west1.run.app"
      }
      event_trigger = {
        trigger = "projects/my-app/locations/europe-west1/triggers/onupload-1"
      }
    }
  }
}

variables {
  project               = "my-app"
  project_number        = "42"
  region                = "europe-west1"
  source_archive        = "../../../../dist/stage/functions.zip" # scripts/stage makes it
  source_bucket         = "my-app-media-source"
  bucket                = "my-app-media"
  build_account         = "projects/my-app/serviceAccounts/build"
  environment           = { DAILIES_PROJECT = "my-app" }
  notification_channels = []

  functions          = jsondecode(file("../../../../functions/functions.json"))
  service_accounts   = merge({ for account in toset(values(jsondecode(file("../../../../functions/functions.json")))[*].account) : account => "${account}@a" }, { queue = "queue@a", schedule = "schedule@a", events = "events@a" })
  secret_environment = { for account in toset(values(jsondecode(file("../../../../functions/functions.json")))[*].account) : account => {} }
}

run "apps_reach_callables_and_nothing_else" {
  command = plan

  assert {
    condition     = toset([for name, function in google_cloudfunctions2_function.this : name if function.service_config[0].ingress_settings != "ALLOW_ALL"]) == toset(["onUpload", "advance", "runStep", "deliver", "sweep"])
    error_message = "Only callables, links and the REST door take traffic from outside."
  }

  assert {
    condition     = setsubtract(keys(google_cloudfunctions2_function.this), keys(google_cloud_run_v2_service_iam_member.public)) == toset(["onUpload", "advance", "runStep", "deliver", "sweep"])
    error_message = "Only callables, links and the REST door may be called by everybody."
  }

  assert {
    condition     = { for name, given in google_cloud_run_v2_service_iam_member.private : name => given.member } == { onUpload = "serviceAccount:events@a", advance = "serviceAccount:queue@a", runStep = "serviceAccount:queue@a", deliver = "serviceAccount:queue@a", sweep = "serviceAccount:schedule@a" }
    error_message = "Each of the others has one caller."
  }
}

run "nobody_is_named_where_that_is_forbidden" {
  command = plan

  variables {
    public_access = "unchecked"
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.public) == 0 && length(google_cloud_run_v2_service_iam_member.private) == 5
    error_message = "allUsers appears nowhere, and nobody else gains."
  }
}

run "open_or_unchecked" {
  command = plan

  variables {
    public_access = "everybody"
  }

  expect_failures = [var.public_access]
}
