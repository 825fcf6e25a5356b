//! Following up returnees (帰国者フォローアップ, M-09 to M-11).

pub mod hand_over;
pub mod import;
pub mod observation;
pub mod period;
pub mod returnee;
pub mod work_list;
