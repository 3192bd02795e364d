variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of the queue: that of the functions."
  type        = string
}

variable "name" {
  description = "Name of the queue. A deleted queue's name can't be used again for a week."
  type        = string
  default     = "dailies-advance"

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,100}$", var.name))
    error_message = "At most 100 letters, digits and hyphens."
  }
}

variable "enqueuers" {
  description = "IAM members that may put tasks on the queue, by component."
  type        = map(string)
}

variable "max_dispatches_per_second" {
  description = "Tasks started per second."
  type        = number
  default     = 50

  validation {
    condition     = var.max_dispatches_per_second > 0 && var.max_dispatches_per_second <= 500
    error_message = "Cloud Tasks allows up to 500 a second."
  }
}

variable "max_concurrent_dispatches" {
  description = "Tasks running at one time: no more than the instances of the function that is called can take."
  type        = number

  validation {
    condition     = var.max_concurrent_dispatches > 0 && var.max_concurrent_dispatches <= 5000
    error_message = "Cloud Tasks allows up to 5000 at one time."
  }
}

variable "max_attempts" {
  description = "Deliveries of one task, all told."
  type        = number
  default     = 10

  validation {
    condition     = var.max_attempts >= 2
    error_message = "A task that is tried once only turns a hiccup into a job that stands still."
  }
}

variable "max_retry_seconds" {
  description = "How long a task is retried; no retry starts after it."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_retry_seconds >= 60
    error_message = "At least a minute."
  }
}
