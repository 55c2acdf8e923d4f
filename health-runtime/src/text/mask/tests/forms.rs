//! Texts of each form, and what must not be shown of them.

use super::assert_hidden;

#[test]
fn assignments_hide_their_values() {
    assert_hidden(&[
        ("password ?= hun ter2\n", "ter2"),
        ("password ||= \"hun ter2\"", "ter2"),
        ("let password: &str = \"hun ter2\";", "ter2"),
        ("connect: secret -> hunter2", "hunter2"),
        ("password :: hunter2", "hunter2"),
        ("password::hunter2", "hunter2"),
        ("password : : hunter2", "hunter2"),
        ("password =: hunter2", "hunter2"),
        ("password != hunter2", "hunter2"),
        ("password=>hunter2", "hunter2"),
        ("password： hunter2", "hunter2"),
        ("password\u{a0}=\u{a0}hunter2", "hunter2"),
        ("login failed: password=hun;ter2=abc host=x", "ter2"),
        ("login failed: password=hun:ter2", "ter2"),
        ("login failed: password=hun/ter2?x=y", "ter2"),
        ("login failed: password=hun=ter2", "ter2"),
        ("login failed: password=Tr0ub4dor&3xyz", "3xyz"),
        ("login failed: password=hun\"ter2", "ter2"),
        ("login failed: password=hun'te r2'x host=y", "r2"),
        ("login failed: password=hun\\ ter2 host=y", "ter2"),
        ("host=db1 password=hun ter2 dbname=x", "ter2"),
        ("dbname=x password=hun ter2", "ter2"),
        ("export DB_PASSWORD=hun ter2", "ter2"),
        ("env: PASSWORD=${DB_PASSWORD:-hunter2}", "hunter2"),
        ("PASSWORD='it'\\''s hunter2' ./run", "hunter2"),
        ("password=$'hun ter2'", "ter2"),
        ("password=\"hun\"\"ter2\";x=1", "ter2"),
        ("password=\"hun\"\" ter2\"", "ter2"),
        ("a token was refused: access_token=hunter2, refresh_token=hunter3", "hunter3"),
        ("lost: secrets=hunter2,hunter3", "hunter3"),
        ("lost: passwords=hunter2, hunter3", "hunter3"),
        ("spring.datasource.password=hun ter2\nspring.datasource.url=x", "ter2"),
        ("password=hun\\\n  ter2\nhost=db1", "ter2"),
        ("password = hun\n  ter2\nhost = db1", "ter2"),
        ("PWD={hun;ter2};Server=db1", "ter2"),
        ("connect: Pwd=hun ter2;Server=db1", "ter2"),
        ("Server=db1; Password=hun ter2; Initial Catalog=x", "ter2"),
        ("Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=hunter2=;EntityPath=q", "hunter2"),
        ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hun/ter2+x==", "ter2"),
        ("jdbc:sqlserver://db1:1433;user=app;password={hun;ter2};encrypt=true", "ter2"),
        ("jdbc:oracle:thin:app/hunter2@db1:1521:orcl", "hunter2"),
        ("app:hun@ter2@tcp(db1:3306)/orders", "ter2"),
        ("password%253Dhunter2", "hunter2"),
        ("body: user=app&password=hun&3ter2&x=1", "ter2"),
        ("password\\u003dhunter2\\u0026x\\u003d1", "hunter2"),
        ("%7B%22password%22%3A%22hunter2%22%7D", "hunter2"),
        ("user[pw]=hunter2", "hunter2"),
        ("env['DB_PASS'] = 'hun ter2'", "ter2"),
        ("os.environ.get(\"API_KEY\"): hunter2", "hunter2"),
        ("password[0]=hunter2", "hunter2"),
        ("passwords%5B0%5D=hunter2", "hunter2"),
        ("API key: hunter2", "hunter2"),
        ("wrong access key = hunter2", "hunter2"),
        ("session id: hunter2", "hunter2"),
        ("pass phrase: hun ter2", "ter2"),
        ("\\npw=hunter2", "hunter2"),
        ("connect.sid=hunter2", "hunter2"),
        ("ALTER ROLE app WITH PASSWORD 'hun ter2'", "ter2"),
        ("the password \"hun ter2\" is wrong", "ter2"),
    ]);
}

#[test]
fn arguments_hide_their_values() {
    assert_hidden(&[
        ("run: psql --password=hun;ter2 -h db1", "ter2"),
        ("run: app --api-key hunter2", "hunter2"),
        ("run: app -password hunter2", "hunter2"),
        ("run: app --password 'hun ter2'", "ter2"),
        ("run: app --token\n  hunter2", "hunter2"),
        ("/proc/1/cmdline: app\0--token\0hunter2\0", "hunter2"),
        ("[\"app\", \"--token=hunter2\"]", "hunter2"),
        ("['app', '--token', 'hun ter2']", "ter2"),
        ("[\\\"app\\\", \\\"--token\\\", \\\"hun ter2\\\"]", "ter2"),
        ("app /password:hunter2", "hunter2"),
        ("openssl -passin pass:hunter2", "hunter2"),
        ("basic auth: curl -u app:hunter2 http://h", "hunter2"),
        ("basic auth: [\"curl\", \"--user\", \"app:hun ter2\"]", "hun ter2"),
    ]);
}

#[test]
fn json_hides_its_values() {
    assert_hidden(&[
        (r#"{"password":12345678,"id":7}"#, "12345678"),
        (r#"{"password" : "hun\"ter2"}"#, "ter2"),
        (r#"{"a":{"secret":["x",{"y":"hunter2"}]},"b":1}"#, "hunter2"),
        (r#"body: "{\"password\": \"hun\\\" ter2\", \"id\": 7}""#, "ter2"),
        (r#"{\\\"token\\\":\\\"hun ter2\\\",\\\"id\\\":7}"#, "ter2"),
        (r#"{\"token\":{\"value\":\"hun ter2\"},\"id\":7}"#, "ter2"),
        (r#"{"name":"DB_PASSWORD","value":"hunter2"}"#, "hunter2"),
        (r#"{"name": "DB_PASSWORD", "value": "hun ter2"}"#, "ter2"),
        (r#"["password","hun ter2"]"#, "ter2"),
        (r"{&quot;password&quot;:&quot;hun ter2&quot;}", "ter2"),
        ("{\\u0022password\\u0022:\\u0022hun ter2\\u0022}", "ter2"),
        (r#""{""password"":""hun ter2""}""#, "ter2"),
        (r#"{"private_key":"-----BEGIN PRIVATE KEY-----\nhunter2\n"}"#, "hunter2"),
        (r#"{"dsn":"host=db1 password=hun ter2"}"#, "ter2"),
        (r#"{"message":"password: hun ter2","id":7}"#, "ter2"),
        ("{password: 'hun ter2', host: 'x'}", "ter2"),
        (r#"{"headers":{"X-Api-Key":["hunter2"]}}"#, "hunter2"),
        (r#"{"password":"hun"ter2","id":7}"#, "ter2"),
        (r#"{"password": "hunter2"#, "hunter2"),
    ]);
}

#[test]
fn yaml_and_toml_hide_their_values() {
    assert_hidden(&[
        ("password: hun ter2\nhost: db1", "ter2"),
        ("db:\n  password: >-\n    hun\n\n    ter2\n  host: db1", "ter2"),
        ("password: &pw |\n  hunter2\n", "hunter2"),
        ("password: !!binary |\n  aHVudGVyMg==\nx: 1", "aHVudGVyMg"),
        ("password:\n  hunter2\n", "hunter2"),
        ("password:\nhunter2", "hunter2"),
        ("tokens:\n- hunter2\n- hunter3\nhost: db1", "hunter3"),
        ("- tokens:\n  - hunter2\n  - hunter3\n", "hunter3"),
        ("tokens: [hunter2, hun ter3]", "ter3"),
        ("db: {password: hun ter2, host: x}", "ter2"),
        ("password: hun, ter2=abc\nhost: db1", "ter2"),
        ("password: \"hun\n  ter2\"", "ter2"),
        ("password: # of the owner\n  hunter2", "hunter2"),
        ("- name: DB_PASSWORD\n  value: hun ter2\n- name: X", "ter2"),
        ("- key: DB_PASSWORD\n  value: hun ter2\n- key: X", "ter2"),
        ("env:\n  - name: API_KEY\n    value: \"hun ter2\"", "ter2"),
        ("? password\n: hunter2", "hunter2"),
        ("password = \"\"\"\nhun \"ter2\" x\n\"\"\"", "ter2"),
        ("tokens = [\n  'hun ter2',\n  'hunter3',\n]", "hunter3"),
        ("\"db\".\"password\" = 'hun ter2'", "ter2"),
        ("db.password = 'hun ter2'", "ter2"),
    ]);
}

#[test]
fn headers_and_markup_hide_their_values() {
    assert_hidden(&[
        ("> authorization: AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=hunter2", "hunter2"),
        ("sent Authorization=Bearer hun ter2", "ter2"),
        ("Proxy-Authorization  Negotiate YIIhunter2==", "hunter2"),
        ("Cookie: a=1;\r\n\tsid=hunter2", "hunter2"),
        ("set-cookie => sid=hunter2; Path=/", "hunter2"),
        ("Ocp-Apim-Subscription-Key: hun ter2", "ter2"),
        ("[(\"authorization\", HeaderValue { inner: \"Basic hunter2\" })]", "hunter2"),
        ("('x-api-key', 'hun ter2')", "ter2"),
        ("(password, hunter2)", "hunter2"),
        ("(b\"cookie\", b\"sid=hun ter2\")", "ter2"),
        ("refused: bearer abcdefgh", "abcdefgh"),
        ("refused: Bearer 'hun ter2'", "ter2"),
        ("refused: Bearer%20hunter2", "hunter2"),
        ("refused: Basic YXBwOmh1bnRlcjI=", "YXBwOmh1bnRlcjI"),
        ("<password>hun ter2</password>", "ter2"),
        ("<ns:apiKey>hunter2</ns:apiKey>", "hunter2"),
        ("<password><![CDATA[hun</x>ter2]]></password>", "ter2"),
        ("<password>hunter2", "hunter2"),
        ("<credentials>\n  <user>app</user>\n  <p>hunter2</p>\n</credentials>", "hunter2"),
        ("&lt;password&gt;hun ter2&lt;/password&gt;", "ter2"),
        ("\\u003cpassword\\u003ehun ter2\\u003c/password\\u003e", "ter2"),
        ("<add key=\"Password\" value=\"hun ter2\"/>", "ter2"),
        ("<property name='password' value='hun ter2'/>", "ter2"),
        ("<entry key=\"password\">hun ter2</entry>", "ter2"),
        ("<name>db.password</name>\n<value>hun ter2</value>", "ter2"),
        ("<password value=\"hun ter2\"/>", "ter2"),
        ("<db password='hun ter2' host='x'/>", "ter2"),
        ("-----BEGIN RSA PRIVATE KEY-----\\nMIIhunter2\\n-----END RSA PRIVATE KEY-----", "hunter2"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bhunter2\n", "hunter2"),
        ("wrong: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2-_x here", "hunter2"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2", "eyJ"),
    ]);
}

#[test]
fn urls_hide_their_credentials() {
    assert_hidden(&[
        ("postgres:\\/\\/app:hunter2@db1", "hunter2"),
        ("postgres:\\\\/\\\\/app:hun ter2@db1", "ter2"),
        ("url=postgres%3A%2F%2Fapp%3Ahunter2%40db1", "hunter2"),
        ("postgres://app:hun@ ter2@db1", "ter2"),
        ("postgres://app:hun' ter2@db1/x", "ter2"),
        ("postgres://app:hun\", ter2@db1/x", "ter2"),
        ("postgres://app:hun/te r2@db1/x", "te r2"),
        ("postgres://app:1234 ter2@db1/x", "ter2"),
        ("postgres://my app:hunter2@db1/x", "hunter2"),
        ("a: redis://:hunter2@h1, b: redis://:hunter3@h2", "hunter3"),
        ("mongodb://a:hunter2@h1,h2/x?authSource=admin", "hunter2"),
        ("https://ghp_hunter2@github.com/x", "hunter2"),
        ("//app:hunter2@db1/x", "hunter2"),
        ("https://h/?X-Amz-Signature=hunter2&X-Amz-Date=1", "hunter2"),
        ("https://h/f?code=hunter2&x=1", "hunter2"),
        ("https://h/#access_token=hunter2&x=1", "hunter2"),
        ("https://h/?a=1&amp;token=hunter2&amp;b=2", "hunter2"),
        ("https://h/?user=a&password=hun ter2&b=2", "ter2"),
        ("https://h/?key=hunter2", "hunter2"),
    ]);
}

#[test]
fn debug_output_and_quotes_hide_their_values() {
    assert_hidden(&[
        ("Config { password: Secret<String>(\"hun ter2\"), host: x }", "ter2"),
        ("Config { password: Box<dyn Secret>(\"hun ter2\"), host: x }", "ter2"),
        ("Config { password: SecretBox::<str>::new(\"hun ) ter2\"), host: x }", "ter2"),
        ("Config { token: Some(Token { id: 1, text: r#\"hun\" ) ter2\"# }), id: 7 }", "ter2"),
        ("Config { password: hun ter2, host: x }", "ter2"),
        ("Config {\n    password: Some(\n        \"hun ter2\",\n    ),\n}", "ter2"),
        ("password: &&Some(b\"hun ter2\")", "ter2"),
        ("password: br##\"hun\"# ter2\"##", "ter2"),
        ("password: Ok(Some(\"hun ter2\"))", "ter2"),
        ("{'tokens': [u'hun ) ter2', b'hunter3']}", "hunter3"),
        ("{'password': \"\"\"hun \" ter2\"\"\"}", "ter2"),
        ("[('user', 'app'), ('password', 'hun ter2')]", "ter2"),
        ("{\"password\"=>\"hun ter2\"}", "ter2"),
        ("password: \u{201c}hun ter2\u{201d} x", "ter2"),
        ("password: \u{201e}hun ter2\u{201c} x", "ter2"),
        ("password: \u{2018}hun ter2\u{2019}", "ter2"),
        ("password = \u{2039}hun ter2\u{203a}", "ter2"),
        ("\u{ab}password\u{bb}: \u{ab}hun ter2\u{bb}", "ter2"),
        ("password: N'hun '' ter2'", "ter2"),
        ("ALTER USER app IDENTIFIED BY PASSWORD = 'hun ter2'", "ter2"),
        ("password=(hun ter2)", "ter2"),
        ("password: (hun) ter2", "ter2"),
    ]);
}
