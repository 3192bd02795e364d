# One service account per component: what one of them leaks opens only what that one needs.
locals {
  # Functions that do the like share an account.
  functions = { for function in values(var.functions) : function.account => function... }

  accounts = merge({ for account, functions in local.functions : account => functions[0].about }, {
    worker   = "Media worker"
    queue    = "Whom Cloud Tasks calls advance, runStep and deliver as"
    schedule = "Whom Cloud Scheduler calls sweep as"
    events   = "Whom Eventarc calls onUpload as"
    build    = "Builds the functions"
  })

  documents = toset(concat(keys(local.functions), ["worker"]))
  signers   = toset([for function in values(var.functions) : function.account if contains(function.needs, "signs")])
  enqueuers = toset(concat([for function in values(var.functions) : function.account if contains(function.needs, "enqueues")], ["worker"]))
  # Who finds that a light step is ready, or runs one that is to be tried again.
  step_enqueuers = toset(concat([for function in values(var.functions) : function.account if contains(function.needs, "enqueues steps")], ["worker"]))
  # Who tells of what has happened to a job, tries once more, or is asked to.
  delivery_enqueuers = toset([for function in values(var.functions) : function.account if contains(function.needs, "enqueues deliveries")])
}

resource "google_service_account" "component" {
  for_each = local.accounts

  project      = var.project
  account_id   = "${var.prefix}-${each.key}"
  display_name = "Dailies: ${each.value}"
}

# Firestore knows no permission below the database: the condition keeps it to ours.
resource "google_project_iam_member" "documents" {
  for_each = local.documents

  project = var.project
  role    = "roles/datastore.user"
  member  = google_service_account.component[each.key].member

  condition {
    title      = "dailies-database"
    expression = "resource.name == \"projects/${var.project}/databases/${var.database}\""
  }
}

# Signed URLs by IAM signBlob: a token creator on itself, and no key file anywhere.
resource "google_service_account_iam_member" "signs_as_itself" {
  for_each = local.signers

  service_account_id = google_service_account.component[each.key].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.component[each.key].member
}

# A task carries an identity token of the queue's account: who enqueues has to be allowed to act as it.
resource "google_service_account_iam_member" "enqueues_as_queue" {
  for_each = setunion(local.enqueuers, local.step_enqueuers, local.delivery_enqueuers)

  service_account_id = google_service_account.component["queue"].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.component[each.key].member
}

# Whoever sends an e-mail asks for the user's verified address.
resource "google_project_iam_member" "reads_accounts" {
  project = var.project
  role    = "roles/firebaseauth.viewer"
  member  = google_service_account.component["deliver"].member
}

resource "google_project_iam_member" "receives_events" {
  project = var.project
  role    = "roles/eventarc.eventReceiver"
  member  = google_service_account.component["events"].member
}

# What a build of a function needs, in place of the default account, which is an editor of the whole project.
resource "google_project_iam_member" "builds" {
  for_each = toset(["roles/logging.logWriter", "roles/artifactregistry.writer"])

  project = var.project
  role    = each.value
  member  = google_service_account.component["build"].member
}

# The archive, and Cloud Functions' copy of it, whose bucket Google makes with the region's first function: no bucket of
# media, and none of the app's.
resource "google_project_iam_member" "reads_sources" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.component["build"].member

  condition {
    title      = "dailies-functions-sources"
    expression = join(" || ", [for bucket in var.source_buckets : "resource.name == \"projects/_/buckets/${bucket}\" || resource.name.startsWith(\"projects/_/buckets/${bucket}/\")"])
  }
}

resource "google_secret_manager_secret" "setting" {
  for_each = var.secrets

  project             = var.project
  secret_id           = "${var.prefix}-${each.key}"
  deletion_protection = var.protect

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = merge([
    for secret, wanted in var.secrets : {
      for reader in wanted.readers : "${secret}/${reader}" => { secret = secret, reader = reader }
    }
  ]...)

  project   = var.project
  secret_id = google_secret_manager_secret.setting[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.component[each.value.reader].member
}
