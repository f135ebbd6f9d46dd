//! One good widget, and one test per rule that breaks exactly that rule.
