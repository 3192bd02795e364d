locals {
  # One list of indexes for Terraform, the Firebase CLI and the emulator.
  indexes = jsondecode(file(var.indexes_file)).indexes

  database = var.create ? google_firestore_database.this[0].name : var.database
}

resource "google_firestore_database" "this" {
  count = var.create ? 1 : 0

  project                           = var.project
  name                              = var.database
  location_id                       = var.location
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "PESSIMISTIC"
  app_engine_integration_mode       = "DISABLED"
  point_in_time_recovery_enablement = var.point_in_time_recovery ? "POINT_IN_TIME_RECOVERY_ENABLED" : "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = var.protect ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.protect ? "ABANDON" : "DELETE"
}

moved {
  from = google_firestore_database.this
  to   = google_firestore_database.this[0]
}

resource "google_firestore_index" "this" {
  for_each = {
    for index in local.indexes :
    join("-", concat([index.collectionGroup], [for field in index.fields : field.fieldPath])) => index
  }

  project     = var.project
  database    = local.database
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}

resource "google_firestore_field" "expires" {
  for_each = var.ttl_fields

  project    = var.project
  database   = local.database
  collection = each.key
  field      = each.value

  # Also without an index: one on times that only grow is a hot spot, and nobody asks by this field.
  index_config {}
  ttl_config {}
}

# Nobody searches inside these, and every entry of a map costs an index write at each progress update.
resource "google_firestore_field" "unindexed" {
  for_each = { for path in var.unindexed_fields : path => split("/", path) }

  project    = var.project
  database   = local.database
  collection = each.value[0]
  field      = each.value[1]

  index_config {}
}

# A database has one release of rules: where an app has its own, ours are merged into them by hand (docs/deploy.md).
resource "google_firebaserules_ruleset" "firestore" {
  count = var.rules ? 1 : 0

  project = var.project

  source {
    files {
      name    = "firestore.rules"
      content = file(var.rules_file)
    }
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_firestore_database.this]
}

moved {
  from = google_firebaserules_ruleset.firestore
  to   = google_firebaserules_ruleset.firestore[0]
}

resource "google_firebaserules_release" "firestore" {
  count = var.rules ? 1 : 0

  project      = var.project
  name         = var.database == "(default)" ? "cloud.firestore" : "cloud.firestore/${var.database}"
  ruleset_name = google_firebaserules_ruleset.firestore[0].name

  lifecycle {
    replace_triggered_by = [google_firebaserules_ruleset.firestore]
  }
}

moved {
  from = google_firebaserules_release.firestore
  to   = google_firebaserules_release.firestore[0]
}
