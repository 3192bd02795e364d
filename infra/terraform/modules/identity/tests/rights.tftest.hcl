mock_provider "google" {}

variables {
  project        = "my-app"
  region         = "europe-west1"
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
