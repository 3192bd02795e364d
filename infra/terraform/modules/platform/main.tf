# The whole of Dailies in one project: dev and prod differ in the variables only.
locals {
  firebase = "${path.module}/../../../firebase"

  # What each function is, who calls it, and what it may: the one table of them.
  functions = jsondecode(file("${path.module}/../../../../functions/functions.json"))

  # What the components are told of each other; settings/ says what each of them means.
  environment = merge(var.settings, {
    DAILIES_PROJECT              = var.project
    DAILIES_REGION               = var.region
    DAILIES_BUCKET               = module.storage.bucket
    DAILIES_DATABASE             = module.firestore.database
    DAILIES_QUEUE                = module.queue.name
    DAILIES_WORKER_JOB           = var.worker_job
    DAILIES_ADVANCE_URL          = local.urls["advance"]
    DAILIES_STEPS_QUEUE          = module.steps_queue.name
    DAILIES_RUN_STEP_URL         = local.urls["runstep"]
    DAILIES_DELIVERIES_QUEUE     = module.deliveries_queue.name
    DAILIES_DELIVER_URL          = local.urls["deliver"]
    DAILIES_SHARE_URL            = lookup(var.settings, "DAILIES_SHARE_URL", local.urls["share"])
    DAILIES_TASK_SERVICE_ACCOUNT = module.identity.emails["queue"]
  })

  # The sweeper removes an upload a day after it came, unless an unfinished job needs it. The bucket, which knows of no
  # jobs, must not be faster: a job may wait and work this long, and a day is for the sweeper.
  upload_retention_days = ceil(tonumber(lookup(var.settings, "DAILIES_JOB_MAX_HOURS", "48")) / 24) + 1

  # The functions' runtime has four threads per CPU: more requests at one time would only wait for each other.
  concurrency = 4

  # Cloud Run's addresses that are known before there is a service: advance has to know its own, links that of share. A service's name is
  # that of its function in small letters.
  urls = {
    for service in ["advance", "runstep", "deliver", "share"] :
    service => "https://${service}-${data.google_project.this.number}.${var.region}.run.app"
  }

  apis = toset([
    "artifactregistry.googleapis.com",
    "billingbudgets.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudscheduler.googleapis.com",
    "cloudtasks.googleapis.com",
    "eventarc.googleapis.com",
    "firebaserules.googleapis.com",
    "firestore.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "identitytoolkit.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
  ])
}

data "google_project" "this" {
  project_id = var.project
}

resource "google_project_service" "required" {
  for_each = local.apis

  project            = var.project
  service            = each.value
  disable_on_destroy = false
}

module "identity" {
  source = "../identity"

  project        = var.project
  region         = var.region
  database       = var.firestore.database
  functions      = local.functions
  source_buckets = ["${var.bucket_name}-source", "gcf-v2-sources-${data.google_project.this.number}-${var.region}"]
  secrets        = var.secrets
  protect        = var.protect

  depends_on = [google_project_service.required]
}

module "storage" {
  source = "../storage"

  project  = var.project
  location = var.region
  name     = var.bucket_name
  # The page of a link reads what it plays.
  cors_origins            = concat(var.cors_origins, [local.urls["share"]])
  upload_retention_days   = local.upload_retention_days
  artifact_retention_days = var.artifact_retention_days
  protect                 = var.protect

  # A signed URL can do what its signer may do: who signs uploads creates. Whoever looks for an artifact also writes:
  # a manifest whose files are gone is removed, or it would be in the way of its successor. A cancelled job's source goes.
  grants = merge(
    {
      for account, functions in { for function in values(local.functions) : function.account => function... if function.bucket != null } : account => {
        role   = { "creates" = "roles/storage.objectCreator", "reads, writes" = "roles/storage.objectUser" }[functions[0].bucket]
        member = module.identity.members[account]
      }
    },
    { worker = { role = "roles/storage.objectUser", member = module.identity.members["worker"] } }
  )

  depends_on = [google_project_service.required]
}

module "firestore" {
  source = "../firestore"

  project      = var.project
  location     = var.region
  database     = var.firestore.database
  create       = var.firestore.create
  rules        = var.firestore.rules
  indexes_file = "${local.firebase}/firestore.indexes.json"
  rules_file   = "${local.firebase}/firestore.rules"
  # The engine writes these fields: no sweep has to read what is to go.
  ttl_fields = {
    api_keys      = "remove_after"
    batches       = "remove_after"
    deliveries    = "remove_after"
    events        = "remove_after"
    idempotency   = "remove_after"
    items         = "remove_after"
    jobs          = "remove_after"
    leases        = "remove_after"
    mail          = "remove_after"
    mail_outbox   = "remove_after"
    notifications = "removeAfter"
    operations    = "removeAfter"
    queues        = "remove_after"
    quotas        = "remove_after"
    rates         = "remove_after"
    relayed       = "remove_after"
    spending      = "remove_after"
    unheard       = "remove_after"
    reports       = "expires"
    workers       = "expires"
  }
  point_in_time_recovery = var.protect
  protect                = var.protect

  depends_on = [google_project_service.required]
}

module "queue" {
  source = "../queue"

  project   = var.project
  region    = var.region
  enqueuers = module.identity.enqueuers

  # What more were sent would be refused by Cloud Run, and count as a failed attempt of its task.
  max_concurrent_dispatches = var.max_instances * local.concurrency

  depends_on = [google_project_service.required]
}

# Tasks that wait for others, of whom each takes so many requests a second: they are kept from those that move jobs.
module "steps_queue" {
  source = "../queue"

  project   = var.project
  region    = var.region
  name      = "dailies-steps"
  enqueuers = module.identity.step_enqueuers

  max_dispatches_per_second = var.steps_per_second
  max_concurrent_dispatches = min(var.steps_at_once, var.max_instances * local.concurrency)

  depends_on = [google_project_service.required]
}

# What is sent to others: a receiver that is slow holds up nobody's steps.
module "deliveries_queue" {
  source = "../queue"

  project   = var.project
  region    = var.region
  name      = "dailies-deliveries"
  enqueuers = module.identity.delivery_enqueuers

  max_concurrent_dispatches = var.max_instances * local.concurrency

  depends_on = [google_project_service.required]
}

module "worker" {
  source = "../worker"

  project            = var.project
  region             = var.region
  name               = var.worker_job
  image              = var.worker_image
  service_account    = module.identity.emails["worker"]
  environment        = local.environment
  secret_environment = module.identity.secret_environment["worker"]
  cpu                = var.worker_cpu
  memory_gib         = var.worker_memory_gib
  starters           = { for account in toset([for function in values(local.functions) : function.account if contains(function.needs, "starts workers")]) : account => module.identity.members[account] }
  cancellers         = { for account in toset([for function in values(local.functions) : function.account if contains(function.needs, "cancels workers")]) : account => module.identity.members[account] }
  scratch            = var.worker_scratch
  protect            = var.protect

  # A job is refused whose account can't read its secrets yet.
  depends_on = [module.identity]
}

module "grpc" {
  source = "../grpc"
  count  = var.grpc ? 1 : 0

  project            = var.project
  region             = var.region
  image              = var.worker_image
  service_account    = module.identity.emails["api"]
  environment        = local.environment
  secret_environment = module.identity.secret_environment["api"]
  max_instances      = var.max_instances
  public_access      = var.public_access
  protect            = var.protect

  depends_on = [module.identity]
}

module "functions" {
  source = "../functions"

  project               = var.project
  project_number        = data.google_project.this.number
  region                = var.region
  functions             = local.functions
  source_archive        = var.source_archive
  source_bucket         = module.storage.source_bucket
  bucket                = module.storage.bucket
  service_accounts      = module.identity.emails
  build_account         = module.identity.build_account
  environment           = local.environment
  secret_environment    = module.identity.secret_environment
  concurrency           = local.concurrency
  min_instances         = var.min_instances
  max_instances         = var.max_instances
  public_access         = var.public_access
  notification_channels = [google_monitoring_notification_channel.mail.name]

  # A function is built and its trigger made by accounts whose permissions come from these.
  depends_on = [module.identity, module.storage]
}
