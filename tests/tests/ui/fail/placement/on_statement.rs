use health_runtime::health_check;

fn main() {
    #[health_check(readiness)]
    let database = 1;
    println!("{database}");
}
