"""What people look at and are called by: alarms, dashboard, objectives, saved queries."""
