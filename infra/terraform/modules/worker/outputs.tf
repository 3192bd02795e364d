output "name" {
  description = "Name of the Cloud Run job."
  value       = google_cloud_run_v2_job.worker.name
}
