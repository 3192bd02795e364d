variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "location" {
  description = "The buckets' region: that of the functions and the worker, or every byte crosses regions."
  type        = string
}

variable "name" {
  description = "Name of the media bucket; the functions' source goes to NAME-source."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._-]{1,54}[a-z0-9]$", var.name))
    error_message = "3 to 56 lower-case letters, digits, dots, hyphens and underscores."
  }
}

variable "cors_origins" {
  description = "Origins whose pages may upload and download with signed URLs."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "An origin is scheme and host (https://app.example.com), without a path and without *."
  }
}

variable "upload_retention_days" {
  description = "Days after which an upload is deleted that the sweeper missed: longer than any job may take, or one loses its source."
  type        = number
  default     = 3

  validation {
    condition     = var.upload_retention_days >= 1 && floor(var.upload_retention_days) == var.upload_retention_days
    error_message = "Whole days, at least one."
  }
}

variable "staging_retention_days" {
  description = "Days after which what a worker left half-written is deleted."
  type        = number
  default     = 1

  validation {
    condition     = var.staging_retention_days >= 1
    error_message = "At least one day: a running job may be writing."
  }
}

variable "artifact_retention_days" {
  description = "Days after which an artifact, and so a result, is deleted."
  type        = number
  default     = 7

  validation {
    condition     = var.artifact_retention_days >= 2
    error_message = "At least two days: a signed download URL is good for 12 hours, and is asked for again."
  }
}

variable "grants" {
  description = "Who may do what in the media bucket, by component."
  type = map(object({
    role   = string
    member = string
  }))

  validation {
    condition     = alltrue([for grant in values(var.grants) : startswith(grant.role, "roles/storage.object")])
    error_message = "Components get roles on objects, never on the bucket."
  }
}

variable "protect" {
  description = "Whether the media bucket refuses to be destroyed with objects in it."
  type        = bool
  default     = true
}
