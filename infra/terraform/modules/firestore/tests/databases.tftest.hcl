mock_provider "google" {}

variables {
  project      = "my-app"
  location     = "europe-west1"
  indexes_file = "../../../firebase/firestore.indexes.json"
  rules_file   = "../../../firebase/firestore.rules"
  ttl_fields   = { jobs = "remove_after" }
}

run "its_own_by_default" {
  command = plan

  assert {
    condition     = google_firestore_database.this[0].name == "dailies" && google_firestore_database.this[0].delete_protection_state == "DELETE_PROTECTION_ENABLED"
    error_message = "A database of its own, which is not deleted by mistake."
  }

  assert {
    condition     = google_firebaserules_release.firestore[0].name == "cloud.firestore/dailies"
    error_message = "Its rules are a release of their own: the app's stay."
  }

  assert {
    condition     = alltrue([for index in google_firestore_index.this : index.database == "dailies"])
    error_message = "Indexes belong to it."
  }
}

run "an_app_s_own_is_neither_made_nor_given_rules" {
  command = plan

  variables {
    database = "(default)"
    create   = false
    rules    = false
  }

  assert {
    condition     = length(google_firestore_database.this) == 0 && length(google_firebaserules_ruleset.firestore) == 0 && length(google_firebaserules_release.firestore) == 0
    error_message = "Database and rules are the app's."
  }

  assert {
    condition     = google_firestore_field.expires["jobs"].database == "(default)"
    error_message = "What Dailies writes there goes again."
  }
}

run "what_may_go_is_not_protected" {
  command = plan

  variables {
    protect = false
  }

  assert {
    condition     = google_firestore_database.this[0].deletion_policy == "DELETE"
    error_message = "Removal removes it."
  }
}

run "a_lease_outlives_its_end" {
  command = plan

  variables {
    ttl_fields = { leases = "expires" }
  }

  expect_failures = [var.ttl_fields]
}
