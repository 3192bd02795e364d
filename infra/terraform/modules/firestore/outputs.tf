output "database" {
  description = "Id of the database."
  value       = local.database
}
