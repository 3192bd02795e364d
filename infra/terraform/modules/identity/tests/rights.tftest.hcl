mock_provider "google" {}

variables {
  project        = "my-app"
  region         = "europe-west1"
  functions      = jsondecode(file("../../../../functions/functions.json"))
  source_buckets = ["my-app-media-source", "gcf-v2-sources-42-europe-west1"]
}

run "rights_end_at_what_is_dailies_own" {
  command = plan

  assert {
    condition     = alltrue([for given in google_project_iam_member.documents : given.condition[0].expression == "resource.name == \"projects/my-app/databases/dailies\""])
    error_message = "Components reach their own database only."
  }

  assert {
    condition     = google_project_iam_member.reads_sources.condition[0].expression == "resource.name == \"projects/_/buckets/my-app-media-source\" || resource.name.startsWith(\"projects/_/buckets/my-app-media-source/\") || resource.name == \"projects/_/buckets/gcf-v2-sources-42-europe-west1\" || resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-42-europe-west1/\")"
    error_message = "The build reads the functions' sources only."
  }
}

run "who_may_what_is_said_by_the_table" {
  command = plan

  assert {
    condition     = toset(keys(google_service_account_iam_member.signs_as_itself)) == toset(["create-upload", "get-result", "share", "api"])
    error_message = "Who hands out URLs signs them."
  }

  assert {
    condition     = toset(keys(output.step_enqueuers)) == toset(["advance", "run-step", "worker"]) && toset(keys(output.delivery_enqueuers)) == toset(["advance", "run-step", "deliver", "sweep", "api"])
    error_message = "Who finds a step ready enqueues it; who tells of a job, deliveries."
  }

  assert {
    condition     = length(setsubtract(keys(output.delivery_enqueuers), keys(google_service_account_iam_member.enqueues_as_queue))) == 0
    error_message = "Who enqueues acts as the queue."
  }

  assert {
    condition     = setsubtract(keys(google_service_account.component), keys(google_project_iam_member.documents)) == toset(["queue", "schedule", "events", "build"])
    error_message = "Who calls or builds reads no documents."
  }
}

run "a_secret_without_a_version_is_given_to_nobody" {
  command = plan

  variables {
    secrets = { key = { environment = "DAILIES_KEY", readers = ["worker"] } }
  }

  assert {
    condition     = output.secret_environment["worker"] == {} && length(google_secret_manager_secret_iam_member.reader) == 1
    error_message = "Nothing starts with a secret that has no value yet."
  }
}
