variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of everything: bucket, events, functions and worker have to share one."
  type        = string
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

variable "source_archive" {
  description = "Path of the functions' zip that scripts/stage made."
  type        = string
}

variable "worker_image" {
  description = "The worker's image, by digest."
  type        = string
}

variable "grpc" {
  description = "Whether there is a gRPC service, too."
  type        = bool
  default     = false
}

variable "worker_scratch" {
  description = "Size of a worker's scratch disk. 10Gi is the least, and the most without a quota."
  type        = string
  default     = "10Gi"
}

variable "settings" {
  description = "Further settings (DAILIES_…) of functions and worker: limits, quotas, retention."
  type        = map(string)
  default     = {}
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
  description = "Id of the billing account that the budget watches (XXXXXX-XXXXXX-XXXXXX)."
  type        = string
}

variable "budget_per_month" {
  description = "Money per month at which the budget's alerts are set, in whole units of budget_currency."
  type        = number
}

variable "budget_currency" {
  description = "Currency of the billing account."
  type        = string
  default     = "EUR"
}

variable "alert_email" {
  description = "Who is told of the budget, of jobs that fail or wait, and of uploads that could not be taken in."
  type        = string
}
