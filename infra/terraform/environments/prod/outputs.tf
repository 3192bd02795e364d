output "function_urls" {
  description = "Address of each function, by name."
  value       = module.dailies.function_urls
}

output "grpc_url" {
  description = "Address of the gRPC service; null without it."
  value       = module.dailies.grpc_url
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

output "unchecked_services" {
  description = "Cloud Run services whose callers infra/after-apply leaves unchecked, as allUsers may not be named."
  value       = module.dailies.unchecked_services
}

output "database" {
  description = "Id of the Firestore database, which apps name to read progress."
  value       = module.dailies.database
}
