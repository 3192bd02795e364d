variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "project_number" {
  description = "Number of the project: Google's own accounts are named by it."
  type        = string
}

variable "region" {
  description = "Region of the functions: that of the bucket, or no event arrives."
  type        = string
}

variable "runtime" {
  description = "Runtime of the functions."
  type        = string
  default     = "python312"

  validation {
    condition     = can(regex("^python3(11|12|13)$", var.runtime))
    error_message = "python311, python312 or python313."
  }
}

variable "functions" {
  description = "The functions by name: account, caller (everybody, or the only component that may call it), memory and time."
  type = map(object({
    account         = string
    caller          = string
    memory          = string
    timeout_seconds = number
  }))

  validation {
    condition     = alltrue([for function in values(var.functions) : contains(["everybody", "events", "queue", "schedule"], function.caller)])
    error_message = "everybody, events, queue or schedule."
  }
}

variable "source_archive" {
  description = "Path of the zip that scripts/stage made."
  type        = string

  validation {
    condition     = endswith(var.source_archive, ".zip")
    error_message = "A zip."
  }
}

variable "source_bucket" {
  description = "Bucket that the archive goes to."
  type        = string
}

variable "bucket" {
  description = "Media bucket, whose finished uploads call onUpload."
  type        = string
}

variable "service_accounts" {
  description = "Email of each component's service account, by component."
  type        = map(string)
}

variable "build_account" {
  description = "Full name (projects/…/serviceAccounts/…) of the account that builds the functions."
  type        = string
}

variable "environment" {
  description = "Settings (DAILIES_…) of all functions."
  type        = map(string)
}

variable "secret_environment" {
  description = "For each component its settings that are secrets: id and version of the secret by environment variable."
  type        = map(map(object({ secret = string, version = string })))
}

variable "min_instances" {
  description = "Instances that are kept warm, by function; none where a function is not named."
  type        = map(number)
  default     = {}
}

variable "concurrency" {
  description = "Requests that one instance works on at a time: the runtime has four threads for its CPU."
  type        = number
  default     = 4

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000
    error_message = "1 to 1000."
  }
}

variable "max_instances" {
  description = "Most instances of any one function, each with one CPU: a new project's quota refuses more than 20."
  type        = number
  default     = 20

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 1000
    error_message = "1 to 1000."
  }
}

variable "public_access" {
  description = "How callables are opened to apps: allUsers, or unchecked where an organisation's policy forbids that."
  type        = string
  default     = "allUsers"

  validation {
    condition     = contains(["allUsers", "unchecked"], var.public_access)
    error_message = "allUsers or unchecked."
  }
}

variable "sweep_schedule" {
  description = "When the sweeper runs, as cron in UTC."
  type        = string
  default     = "*/5 * * * *"

  validation {
    condition     = length(split(" ", var.sweep_schedule)) == 5
    error_message = "Five fields: minute, hour, day, month, weekday."
  }
}

variable "notification_channels" {
  description = "Full names of the Cloud Monitoring channels that hear of a dead letter."
  type        = list(string)
}
