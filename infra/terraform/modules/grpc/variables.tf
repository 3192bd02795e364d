variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of the service: that of the bucket."
  type        = string
}

variable "name" {
  description = "Name of the Cloud Run service."
  type        = string
  default     = "dailies-grpc"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,47}[a-z0-9]$", var.name))
    error_message = "At most 49 lower-case letters, digits and hyphens."
  }
}

variable "image" {
  description = "The worker's image, by digest, which has the server, too."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "NAME@sha256:DIGEST."
  }
}

variable "service_account" {
  description = "Email of the account that it runs as: the REST door's, which does the same."
  type        = string
}

variable "environment" {
  description = "Settings (DAILIES_…) of the service."
  type        = map(string)
}

variable "secret_environment" {
  description = "Settings that are secrets: id and version of the secret by environment variable."
  type        = map(object({ secret = string, version = string }))
  default     = {}
}

variable "concurrency" {
  description = "Calls and streams that one instance has open at a time: it has threads for 112."
  type        = number
  default     = 100

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 112
    error_message = "1 to 112."
  }
}

variable "min_instances" {
  description = "Instances that are kept warm."
  type        = number
  default     = 0
}

variable "max_instances" {
  description = "Most instances at a time."
  type        = number
  default     = 5
}

variable "public_access" {
  description = "How it is opened to apps: allUsers, or unchecked where an organisation's policy forbids that."
  type        = string
  default     = "allUsers"

  validation {
    condition     = contains(["allUsers", "unchecked"], var.public_access)
    error_message = "allUsers or unchecked."
  }
}

variable "protect" {
  description = "Whether the service refuses to be destroyed."
  type        = bool
  default     = true
}
