# What the variables make of a project, on a provider that makes nothing: `terraform init && terraform test` in this module.
mock_provider "google" {
  mock_data "google_project" {
    defaults = {
      number = "42"
    }
  }

  mock_data "google_storage_project_service_account" {
    defaults = {
      member = "serviceAccount:service-42@gs-project-accounts.iam.gserviceaccount.com"
    }
  }
}

variables {
  project        = "my-app"
  region         = "europe-west1"
  bucket_name    = "my-app-media"
  source_archive = "../../../../dist/stage/functions.zip" # scripts/stage makes it
  worker_image   = "europe-west1-docker.pkg.dev/my-app/dailies/worker@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  alert_email    = "ops@example.com"
}

run "an_app_s_firestore_is_kept" {
  command = plan

  assert {
    condition     = module.firestore.database == "dailies"
    error_message = "The database is one of its own."
  }

  assert {
    condition     = output.database == "dailies"
    error_message = "Apps are told of it."
  }

  assert {
    condition     = length(google_billing_budget.month) == 0
    error_message = "Without a billing account there is no budget."
  }

  assert {
    condition     = length(google_project_iam_audit_config.data) == 0
    error_message = "What a project audits is its own."
  }

  assert {
    condition     = length(module.grpc) == 0
    error_message = "There is no gRPC service unless one is asked for."
  }

  assert {
    condition     = length(output.unchecked_services) == 0
    error_message = "Callables are open by allUsers."
  }
}

run "grpc_is_served_where_it_is_asked_for" {
  command = plan

  variables {
    grpc = true
  }

  assert {
    condition     = module.grpc[0].open
    error_message = "Apps reach it, and show tokens and keys of ours."
  }
}

run "an_app_s_database_is_used_as_it_is" {
  command = plan

  variables {
    firestore = { database = "(default)", create = false, rules = false }
  }

  assert {
    condition     = output.database == "(default)"
    error_message = "The database is the app's."
  }
}

run "an_organisation_forbids_all_users" {
  command = plan

  variables {
    public_access     = "unchecked"
    audit_data_access = true
    billing_account   = "0123AB-4567CD-89EF01"
  }

  assert {
    condition     = toset(output.unchecked_services) == toset([for name, function in jsondecode(file("../../../../functions/functions.json")) : lower(name) if function.caller == "everybody"])
    error_message = "The services of callables, links and the REST door, by their names."
  }

  assert {
    condition     = length(google_project_iam_audit_config.data) == 3 && length(google_billing_budget.month) == 1
    error_message = "Audit logs and the budget are made when they are asked for."
  }
}

run "alerts_name_what_they_count" {
  command = apply

  assert {
    condition     = strcontains(google_monitoring_alert_policy.this["failed_jobs"].conditions[0].condition_threshold[0].filter, "logging.googleapis.com/user/dailies/failed_jobs")
    error_message = "The alert is on the metric of the lines that are written."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.this["standing_tasks"].conditions[0].condition_threshold[0].filter, "dailies-advance|dailies-steps")
    error_message = "Both queues are watched."
  }
}

run "only_a_region_is_a_region" {
  command = plan

  variables {
    region = "eu"
  }

  expect_failures = [var.region]
}

run "settings_are_dailies_own" {
  command = plan

  variables {
    settings = { PATH = "/nowhere" }
  }

  expect_failures = [var.settings]
}
