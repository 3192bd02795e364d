output "bucket" {
  description = "Name of the media bucket."
  value       = google_storage_bucket.media.name
}

output "source_bucket" {
  description = "Name of the bucket that the functions' source archives go to."
  value       = google_storage_bucket.source.name
}
