"""Deployments: the record, the port to where they are kept, and its DynamoDB adapter."""
