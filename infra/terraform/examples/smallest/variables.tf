variable "project" {
  description = "Id of a Google Cloud project that exists, with billing."
  type        = string
}

variable "region" {
  description = "Region of everything."
  type        = string
  default     = "europe-west1"
}

variable "worker_image" {
  description = "The worker's image, by digest: infra/worker-image makes it."
  type        = string
}

variable "alert_email" {
  description = "Who is told when jobs fail or wait."
  type        = string
}
