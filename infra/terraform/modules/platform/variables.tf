variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of everything: bucket, events, functions and worker have to share one."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region, such as europe-west1: no zone and no multi-region."
  }
}

variable "bucket_name" {
  description = "Name of the media bucket, unique in all of Google Cloud."
  type        = string
}

variable "firestore" {
  description = "The database: one of its own by default. An app's (default) is used with create and rules false."
  type = object({
    database = optional(string, "dailies")
    create   = optional(bool, true)
    rules    = optional(bool, true)
  })
  default = {}
}

variable "public_access" {
  description = "How callables are opened to apps: allUsers, or unchecked where an organisation's policy forbids that."
  type        = string
  default     = "allUsers"
}

variable "audit_data_access" {
  description = "Whether Cloud Audit Logs has each read and write of data and each signature, which is billed by its size."
  type        = bool
  default     = false
}

variable "cors_origins" {
  description = "Origins whose pages may upload and download."
  type        = list(string)
  default     = []
}

variable "artifact_retention_days" {
  description = "Days after which results are deleted."
  type        = number
  default     = 7
}

variable "source_archive" {
  description = "Path of the functions' zip that scripts/stage made."
  type        = string
}

variable "worker_image" {
  description = "The worker's image, by digest."
  type        = string
}

variable "worker_job" {
  description = "Name of the worker's Cloud Run job."
  type        = string
  default     = "dailies-worker"
}

variable "worker_cpu" {
  description = "CPUs of one worker."
  type        = number
  default     = 4
}

variable "worker_memory_gib" {
  description = "Memory of one worker, in GiB."
  type        = number
  default     = 8
}

variable "worker_scratch" {
  description = "Size of a worker's scratch disk. 10Gi is the least, and the most without a quota."
  type        = string
  default     = "10Gi"
}

variable "grpc" {
  description = "Whether there is a gRPC service, too."
  type        = bool
  default     = false
}

variable "min_instances" {
  description = "Instances that are kept warm, by function."
  type        = map(number)
  default     = {}
}

variable "max_instances" {
  description = "Most instances of any one function, each with one CPU: a new project's quota refuses more than 20."
  type        = number
  default     = 20
}

variable "steps_per_second" {
  description = "Light steps begun per second: what whoever they ask allows."
  type        = number
  default     = 10
}

variable "steps_at_once" {
  description = "Light steps running at one time, as far as max_instances allows."
  type        = number
  default     = 20
}

variable "settings" {
  description = "Further settings (DAILIES_…) of functions and worker: limits, quotas, retention."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : startswith(name, "DAILIES_")])
    error_message = "Settings of Dailies begin with DAILIES_."
  }
}

variable "secrets" {
  description = "Settings that are secrets: see modules/identity."
  type = map(object({
    environment = string
    readers     = set(string)
    version     = optional(string)
  }))
  default = {}
}

variable "billing_account" {
  description = "Id of the billing account that the budget watches (XXXXXX-XXXXXX-XXXXXX); without one there is no budget."
  type        = string
  default     = null

  validation {
    condition     = var.billing_account == null || can(regex("^[0-9A-F]{6}(-[0-9A-F]{6}){2}$", var.billing_account))
    error_message = "Three groups of six hexadecimal digits."
  }
}

variable "budget_per_month" {
  description = "Money per month at which the budget's alerts are set, in whole units of budget_currency."
  type        = number
  default     = 50

  validation {
    condition     = var.budget_per_month >= 1 && floor(var.budget_per_month) == var.budget_per_month
    error_message = "A whole number, at least 1."
  }
}

variable "budget_currency" {
  description = "Currency of the billing account."
  type        = string
  default     = "EUR"

  validation {
    condition     = can(regex("^[A-Z]{3}$", var.budget_currency))
    error_message = "Three capital letters, such as EUR."
  }
}

variable "failed_jobs_alert" {
  description = "Jobs that may fail in ten minutes, for no fault of their users, before somebody is told."
  type        = number
  default     = 2
}

variable "standing_tasks_alert" {
  description = "Tasks that may stand in a queue for a quarter of an hour before somebody is told."
  type        = number
  default     = 500
}

variable "alert_email" {
  description = "Who is told of the budget, of jobs that fail or wait, and of uploads that could not be taken in."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+$", var.alert_email))
    error_message = "An address."
  }
}

variable "protect" {
  description = "Whether data refuses to be destroyed: true wherever somebody's videos are."
  type        = bool
  default     = true
}
