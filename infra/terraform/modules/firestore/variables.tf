variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "location" {
  description = "Location of the database; it can't be changed later."
  type        = string
}

variable "database" {
  description = "Id of the database; one of its own keeps the app's data, indexes and rules as they are."
  type        = string
  default     = "dailies"

  validation {
    condition     = var.database == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.database))
    error_message = "(default), or 4 to 63 lower-case letters, digits and hyphens."
  }
}

variable "create" {
  description = "Whether the database is made here; false: it is there already, and stays when this goes."
  type        = bool
  default     = true
}

variable "rules" {
  description = "Whether the rules are released here; false: the database has others, into which ours are merged by hand."
  type        = bool
  default     = true
}

variable "indexes_file" {
  description = "Path of firestore.indexes.json."
  type        = string
}

variable "rules_file" {
  description = "Path of firestore.rules."
  type        = string
}

variable "ttl_fields" {
  description = "For each collection the time field after which Firestore deletes a document by itself."
  type        = map(string)
  default     = {}

  validation {
    condition     = lookup(var.ttl_fields, "leases", "") != "expires"
    error_message = "A lease outlives its end: its fencing token has to go on growing."
  }
}

variable "unindexed_fields" {
  description = "Fields that are written often and never searched by, as COLLECTION/FIELD."
  type        = set(string)
  default     = ["admission/positions", "admission/running", "batches/refused", "deliveries/attempts", "deliveries/body", "idempotency/text", "items/items", "jobs/recipe", "jobs/result", "mail/message", "mail_outbox/body", "notifications/body", "notifications/title", "operations/result", "operations/steps", "preferences/events", "queues/running", "queues/waiting", "webhooks/endpoints", "workers/executions"]

  validation {
    condition     = alltrue([for path in var.unindexed_fields : length(split("/", path)) == 2])
    error_message = "COLLECTION/FIELD, with one slash."
  }
}

variable "point_in_time_recovery" {
  description = "Whether the last seven days can be read back."
  type        = bool
  default     = true
}

variable "protect" {
  description = "Whether the database refuses to be deleted."
  type        = bool
  default     = true
}
