//! The whole runner against a tiny server of its own: cookies, redirects, forms, one-time codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use crate::totp;
use crate::{Options, run};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

const ACCOUNTS: &str = r#"[
  {"role": "居民", "account": "shimin", "password": "p1", "name": "测试甲"},
  {"role": "窗口", "account": "clerk", "password": "p2", "totp_secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "name": "测试乙"}
]"#;

const STEPS: &str = r#"
[[step]]
pattern = '他递交"{what}"'
do = ['打开"/form"', '填写"内容"为"{what}"', '上传"附件"', '按下"递交"', '记住"号"为"号"']
"#;

const STORY: &str = r#"# language: zh-CN
功能: 排练
  场景: 从递交到受理
    假如 以"测试甲"登录
    当 他递交"一份申请"
    那么 看到"收到 一份申请"
    而且 地址是"/done"
    假如 以“窗口”登录
    当 打开"/case/${号}"
    那么 状态码是200
    而且 看到"clerk"
    但是 看不到"shimin"
  场景: 没有的页面
    当 打开"/none"
    那么 状态码是404
  场景: 说错的一步
    当 打开"/form"
    那么 看到"不存在的字"
  场景: 不认识的一步
    当 打开了"/form"
"#;

/// Answers until the listener is dropped with the test process.
fn serve(listener: &TcpListener) {
    for stream in listener.incoming() {
        answer(stream.unwrap());
    }
}

fn answer(stream: TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let header = |name: &str| {
        let found = lines.iter().find(|line| line.to_lowercase().starts_with(name));
        found.and_then(|line| line.split_once(": ")).map_or("", |(_, value)| value).to_owned()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let head = lines.first().cloned().unwrap_or_default();
    let (status, extra, html) = respond(&head, &header("cookie"), &String::from_utf8_lossy(&body));
    let text = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: text/html; charset=utf-8\r\n{extra}\
         content-length: {}\r\nconnection: close\r\n\r\n{html}",
        html.len()
    );
    reader.get_mut().write_all(text.as_bytes()).unwrap();
}

fn respond(head: &str, cookie: &str, body: &str) -> (u16, String, String) {
    let path = head.split(' ').nth(1).unwrap_or_default();
    let page = |html: &str| (200, String::new(), html.to_owned());
    let to = |extra: &str| (303, format!("{extra}location: /done\r\n"), String::new());
    if head.starts_with("POST /login") {
        return if body.contains("clerk") {
            page(
                "<form method=post action=/code><label>动态码<input name=code></label><button>确定",
            )
        } else {
            to("set-cookie: who=shimin; HttpOnly\r\n")
        };
    }
    if head.starts_with("POST /code") {
        // The code of this half minute or, at its very end, the one before.
        #[expect(clippy::disallowed_methods, reason = "one-time codes follow the wall clock")]
        let now = std::time::SystemTime::now();
        let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let codes = [now, now - 30].map(|now| format!("code={}", totp::code(SECRET, now).unwrap()));
        assert!(codes.contains(&body.to_owned()), "{body}");
        return to("set-cookie: who=clerk\r\n");
    }
    if head.starts_with("POST /form") {
        assert!(body.contains("filename=\"样本.pdf\"") && body.contains("一份申请"), "{body}");
        return to("set-cookie: sent=1\r\n");
    }
    match path {
        "/login" => page(
            "<form method=post action=/login><label>账号<input name=a></label>\
             <label>密码<input name=p type=password></label><button>登录</button></form>",
        ),
        "/form" => page(
            "<form method=post enctype='multipart/form-data'><label>内容<input name=c></label>\
             <label>附件<input type=file name=f></label><button>递交</button></form>",
        ),
        "/done" if cookie.contains("sent=1") => {
            page("收到 <b>一份申请</b><dl><dt>号</dt><dd>A-7</dd></dl>")
        }
        "/done" => page("欢迎"),
        "/case/A-7" => page(cookie),
        _ => (404, String::new(), "没有".to_owned()),
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_story_is_played_from_beginning_to_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || serve(&listener));
    let folder = std::env::temp_dir().join(format!("story-rehearsal-{}", std::process::id()));
    write(&folder, "packs/x/story/a.feature", STORY);
    write(&folder, "accounts.json", ACCOUNTS);
    write(&folder, "steps.toml", STEPS);
    let mut options = Options {
        url: Some(url),
        packs: folder.join("packs"),
        only: None,
        accounts: Some(folder.join("accounts.json")),
        steps: folder.join("steps.toml"),
        folder: None,
        program: None,
        json: Some(folder.join("out/results.json")),
        check: false,
    };
    let mut out = Vec::new();
    assert!(!run::run(&options, &mut out).unwrap());
    let text = String::from_utf8(out).unwrap();
    for part in [
        "  ok    从递交到受理",
        "  ok    没有的页面",
        "  FAIL  说错的一步",
        "x/story/a.feature:18: 看到\"不存在的字\"\n      the page does not show",
        "x/story/a.feature:20: unknown step: 打开了\"/form\"",
        "nearest known: 打开\"{path}\"",
        "2 passed, 2 failed\n",
    ] {
        assert!(text.contains(part), "{part}\n---\n{text}");
    }
    let json = std::fs::read_to_string(folder.join("out/results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(results[0]["passed"], true);
    assert_eq!(results[3]["line"], 19);

    options.url = None;
    options.check = true;
    let mut out = Vec::new();
    assert!(!run::run(&options, &mut out).unwrap());
    assert!(String::from_utf8(out).unwrap().ends_with("3 passed, 1 failed\n"));
    std::fs::remove_dir_all(folder).unwrap();
}
