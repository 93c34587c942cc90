//! Ranges of ports, as security group rules give them.

use std::fmt;

/// A range of ports, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ports {
    from: f64,
    to: f64,
}

impl Ports {
    /// A range. None or -1 on both sides is every port; one side alone is that port.
    pub fn new(from: Option<f64>, to: Option<f64>) -> Self {
        let real = |n: Option<f64>| n.filter(|n| *n >= 0.0);
        match (real(from), real(to)) {
            (None, None) => Ports { from: 0.0, to: 65535.0 },
            (Some(from), Some(to)) => Ports { from, to },
            (Some(only), None) | (None, Some(only)) => Ports { from: only, to: only },
        }
    }

    /// True when a port is inside.
    pub fn covers(self, port: f64) -> bool {
        self.from <= port && port <= self.to
    }

    /// True for every port.
    pub fn is_all(self) -> bool {
        self.from <= 1.0 && self.to >= 65535.0
    }

    /// How many.
    pub fn size(self) -> f64 {
        (self.to - self.from + 1.0).max(0.0)
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            f.write_str("all ports")
        } else if self.from == self.to {
            write!(f, "{}", self.from)
        } else {
            write!(f, "{}-{}", self.from, self.to)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let all = Ports::new(None, None);
        assert!(all.covers(22.0) && all.is_all() && all.to_string() == "all ports");
        assert!(Ports::new(Some(-1.0), Some(-1.0)).is_all());
        let db = Ports::new(Some(5432.0), Some(5440.0));
        assert!(db.covers(5432.0) && db.covers(5440.0) && !db.covers(5441.0) && !db.is_all());
        assert_eq!((db.size(), db.to_string().as_str()), (9.0, "5432-5440"));
        assert_eq!(Ports::new(Some(22.0), Some(22.0)).to_string(), "22");
        assert_eq!(Ports::new(Some(10.0), Some(5.0)).size(), 0.0);
    }
}
