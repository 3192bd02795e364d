output "name" {
  description = "Name of the queue, without project and region."
  value       = google_cloud_tasks_queue.advance.name
}
