output "urls" {
  description = "Address of each function, by name."
  value       = { for name, function in google_cloudfunctions2_function.this : name => function.service_config[0].uri }
}

output "upload_trigger" {
  description = "Full name of onUpload's Eventarc trigger, whose subscription infra/after-apply completes."
  value       = google_cloudfunctions2_function.this["onUpload"].event_trigger[0].trigger
}

output "dead_letter_topic" {
  description = "Topic of the uploads that could not be taken in."
  value       = google_pubsub_topic.dead_letter.id
}

output "unchecked_services" {
  description = "Cloud Run services whose callers infra/after-apply leaves unchecked, as allUsers may not be named."
  value       = var.public_access == "unchecked" ? [for name, function in var.functions : lower(name) if function.caller == "everybody"] : []
}
