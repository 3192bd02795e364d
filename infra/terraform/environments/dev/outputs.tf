output "function_urls" {
  description = "Address of each function, by name."
  value       = module.dailies.function_urls
}

output "bucket" {
  description = "Name of the media bucket."
  value       = module.dailies.bucket
}

output "worker_job" {
  description = "Name of the worker's Cloud Run job."
  value       = module.dailies.worker_job
}

output "upload_trigger" {
  description = "Full name of onUpload's Eventarc trigger, which infra/after-apply gives its dead letter."
  value       = module.dailies.upload_trigger
}

output "dead_letter_topic" {
  description = "Topic of the uploads that could not be taken in."
  value       = module.dailies.dead_letter_topic
}
