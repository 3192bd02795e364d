variable "project" {
  description = "Id of the Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  description = "Where the secrets' values are kept."
  type        = string
}

variable "functions" {
  description = "The functions by name: account, what it is about, and what it needs to do."
  type = map(object({
    account = string
    about   = string
    needs   = set(string)
  }))

  validation {
    condition = alltrue([
      for function in values(var.functions) :
      length(setsubtract(function.needs, ["signs", "enqueues", "enqueues steps", "enqueues deliveries", "starts workers", "cancels workers"])) == 0
    ])
    error_message = "A function needs: signs, enqueues, enqueues steps, enqueues deliveries, starts workers, cancels workers."
  }
}

variable "source_buckets" {
  description = "Buckets that the functions' build reads its source from, and no others."
  type        = list(string)
}

variable "prefix" {
  description = "What the service accounts' ids begin with."
  type        = string
  default     = "dailies"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,14}$", var.prefix))
    error_message = "At most 15 lower-case letters, digits and hyphens: an account's id has 30 in all."
  }
}

variable "database" {
  description = "Id of the Firestore database that the components may use."
  type        = string
  default     = "dailies"
}

variable "protect" {
  description = "Whether secrets refuse to be destroyed."
  type        = bool
  default     = true
}

variable "secrets" {
  description = "Secrets by name: the environment variable each becomes, the components that may read it, and the version, once its value was added by hand: without one no component is given it."
  type = map(object({
    environment = string
    readers     = set(string)
    version     = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for secret in values(var.secrets) : startswith(secret.environment, "DAILIES_")])
    error_message = "Settings of Dailies begin with DAILIES_."
  }
}
