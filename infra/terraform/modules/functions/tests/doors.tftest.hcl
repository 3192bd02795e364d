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

  service_accounts = {
    create-upload = "create-upload@a", cancel-job = "cancel-job@a", get-result = "get-result@a", on-upload = "on-upload@a"
    advance       = "advance@a", run-step = "run-step@a", sweep = "sweep@a", queue = "queue@a", schedule = "schedule@a"
    events        = "events@a", create-from-url = "create-from-url@a", create-from-job = "create-from-job@a", run-again = "run-again@a", clear-jobs = "clear-jobs@a", notifications = "notifications@a"
    share-result  = "share-result@a", share = "share@a", api = "api@a"
  }
  secret_environment = {
    create-upload = {}, create-from-url = {}, create-from-job = {}, cancel-job = {}, get-result = {}, on-upload = {}, run-again = {}, clear-jobs = {}, notifications = {}, share-result = {}, share = {}, api = {}, advance = {}, run-step = {}, sweep = {}
  }
}

run "apps_reach_callables_and_nothing_else" {
  command = plan

  assert {
    condition = {
      for name, function in google_cloudfunctions2_function.this : name => function.service_config[0].ingress_settings
      } == {
      createUpload  = "ALLOW_ALL", cancelJob = "ALLOW_ALL", getResult = "ALLOW_ALL", onUpload = "ALLOW_INTERNAL_ONLY"
      createFromUrl = "ALLOW_ALL", createFromJob = "ALLOW_ALL", runAgain = "ALLOW_ALL", clearJobs = "ALLOW_ALL", listNotifications = "ALLOW_ALL", readNotifications = "ALLOW_ALL", notificationPreferences = "ALLOW_ALL", shareResult = "ALLOW_ALL", share = "ALLOW_ALL", api = "ALLOW_ALL"
      advance       = "ALLOW_INTERNAL_ONLY", runStep = "ALLOW_INTERNAL_ONLY", sweep = "ALLOW_INTERNAL_ONLY"
    }
    error_message = "Only callables, links and the REST door take traffic from outside."
  }

  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.public)) == toset(["createUpload", "createFromUrl", "createFromJob", "cancelJob", "getResult", "runAgain", "clearJobs", "listNotifications", "readNotifications", "notificationPreferences", "shareResult", "share", "api"])
    error_message = "Only callables, links and the REST door may be called by everybody."
  }

  assert {
    condition     = { for name, given in google_cloud_run_v2_service_iam_member.private : name => given.member } == { onUpload = "serviceAccount:events@a", advance = "serviceAccount:queue@a", runStep = "serviceAccount:queue@a", sweep = "serviceAccount:schedule@a" }
    error_message = "Each of the others has one caller."
  }
}

run "nobody_is_named_where_that_is_forbidden" {
  command = plan

  variables {
    public_access = "unchecked"
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.public) == 0 && length(google_cloud_run_v2_service_iam_member.private) == 4
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
