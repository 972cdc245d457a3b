{{ label_issues() }}
