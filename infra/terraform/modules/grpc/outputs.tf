output "url" {
  description = "Address of the service; clients use its host, with TLS, at port 443."
  value       = google_cloud_run_v2_service.grpc.uri
}

output "open" {
  description = "Whether anybody may call it, by allUsers: who they are is shown by a token or a key."
  value       = length(google_cloud_run_v2_service_iam_member.public) == 1
}
