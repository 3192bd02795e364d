variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of the job: that of the bucket."
  type        = string
}

variable "name" {
  description = "Name of the Cloud Run job."
  type        = string
  default     = "dailies-worker"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,47}[a-z0-9]$", var.name))
    error_message = "At most 49 lower-case letters, digits and hyphens."
  }
}

variable "image" {
  description = "The worker's image, by digest: a tag can change under a running deployment."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "NAME@sha256:DIGEST."
  }
}

variable "service_account" {
  description = "Email of the account the worker runs as."
  type        = string
}

variable "environment" {
  description = "Settings (DAILIES_…) of the worker."
  type        = map(string)
}

variable "secret_environment" {
  description = "Settings that are secrets: id and version of the secret by environment variable."
  type        = map(object({ secret = string, version = string }))
  default     = {}
}

variable "cpu" {
  description = "CPUs of one task."
  type        = number
  default     = 4

  validation {
    condition     = contains([1, 2, 4, 8], var.cpu)
    error_message = "1, 2, 4 or 8."
  }
}

variable "memory_gib" {
  description = "Memory of one task, in GiB."
  type        = number
  default     = 8

  validation {
    condition     = var.memory_gib >= 2 && var.memory_gib <= 32
    error_message = "2 to 32: FFmpeg alone may take 4 for a large picture."
  }
}

variable "scratch" {
  description = "Size of a worker's scratch disk: source, outputs and what is between them have to fit. 10Gi is the least, and the most without a quota."
  type        = string
  default     = "10Gi"

  validation {
    condition     = can(regex("^[1-9][0-9]+Gi$", var.scratch))
    error_message = "At least 10Gi, in whole Gi."
  }
}

variable "timeout_seconds" {
  description = "Longest run of one task; what it finished by then is kept and the next one goes on."
  type        = number
  default     = 14400

  validation {
    condition     = var.timeout_seconds >= 600 && var.timeout_seconds <= 604800
    error_message = "10 minutes to 168 hours."
  }
}

variable "max_retries" {
  description = "How often Cloud Run starts a failed task again. Dailies counts attempts of a step by itself."
  type        = number
  default     = 2

  validation {
    condition     = var.max_retries >= 0 && var.max_retries <= 10
    error_message = "0 to 10."
  }
}

variable "starters" {
  description = "IAM members that may start executions, by component."
  type        = map(string)
}

variable "cancellers" {
  description = "IAM members that may cancel executions, by component."
  type        = map(string)
}

variable "protect" {
  description = "Whether the job refuses to be destroyed."
  type        = bool
  default     = true
}
