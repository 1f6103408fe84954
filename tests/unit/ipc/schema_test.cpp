// The schemas in ipc/schema/v1 and the codec must say the same: what one accepts or refuses, so
// does the other. The only file that includes valijson, which is slow to compile.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "ipc/codec.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/ipc/samples.hpp"

using namespace bullpen;
using namespace bullpen::ipc;
using nlohmann::json;

namespace {

constexpr auto npos = std::string::npos;

json schema_of(const std::string& type) {
    return json::parse(
        test::read_text(test::source_directory() + "/ipc/schema/v1/" + type + ".json"));
}

class Checker {
  public:
    explicit Checker(const std::string& type) : document_(schema_of(type)) {
        valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
        parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(document_), schema_);
    }
    bool accepts(const std::string& frame) {
        const json value = json::parse(frame);
        valijson::Validator validator;
        return validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
    }
    [[nodiscard]] const json& document() const { return document_; }

  private:
    json document_;
    valijson::Schema schema_;
};

using Decode = std::function<Result<void>(const std::string&)>;

Result<void> decode_message(const std::string& frame) {
    BULLPEN_CHECK(decode(frame));
    return {};
}
Result<void> decode_one_request(const std::string& frame) {
    BULLPEN_CHECK(decode_request(frame));
    return {};
}
Result<void> decode_one_reply(const std::string& frame) {
    BULLPEN_CHECK(decode_reply(frame));
    return {};
}

// Values of every kind, in and out of the ranges that fields have.
const std::vector<std::string> k_values = {
    "null",
    "true",
    "0",
    "1",
    "-1",
    "1.9",
    "255",
    "256",
    "1000001",
    "3600001",
    "86400001",
    "2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "1e3",
    "\"\"",
    "\"x\"",
    "\"with space\"",
    "\"Upper\"",
    "\"2026-11-20T14:30:00.123Z\"",
    "\"2026-11-20T14:30:00Z\"",
    "\"2026-11-20 14:30:00\"",
    "\"trading\"",
    "\"idle\"",
    "\"abcdef\"",
    "\"12.5\"",
    "\"--5\"",
    "\"result\"",
    "[]",
    "[1]",
    "[\"mes01\"]",
    "[{}]",
    R"([{"name":"bar","due_in_ms":1,"done":true}])",
    R"([{"name":"Bar","due_in_ms":1,"done":true}])",
    R"([{"name":"bar","due_in_ms":1}])",
    R"([{"name":"bar","due_in_ms":1,"done":true,"new":[1]}])",
    "{}",
    R"({"a":1})",
    R"({"a":"b"})",
    R"({"A B":1})",
    R"({"state":"open"})",
    R"({"state":"open","until":null})",
    R"({"state":5})",
    R"({"state":"open","until":"soon"})",
    R"({"started":"2026-11-20T14:30:00Z","ready":true})",
    R"({"started":"now","ready":true})",
    R"({"accounts":["mes01"],"wait":false})",
    R"({"accounts":["NO"]})",
    R"({"wait":1})",
    R"({"signal":"a name that is too long"})"};

// Every field of the frame taken away, and set to every value above: codec and schema must agree.
void check_agreement(const std::string& type, const std::string& frame, const Decode& decode_it) {
    Checker checker(type);
    CHECK(checker.accepts(frame));
    CHECK(decode_it(frame).has_value());
    const auto properties = checker.document()["properties"];
    for (const auto& item : properties.items()) {
        const std::string& field = item.key();
        const std::string cut = samples::without(frame, field);
        CAPTURE(cut);
        CHECK(checker.accepts(cut) == decode_it(cut).has_value());
        for (const auto& value : k_values) {
            const std::string changed = samples::with(frame, field, value);
            CAPTURE(changed);
            const auto decoded = decode_it(changed);
            // A rule between two fields, which a schema cannot say.
            if (!decoded && decoded.error().context().find("above protocol_max") != npos)
                continue;
            CAPTURE((decoded ? std::string("accepted") : decoded.error().message()));
            CHECK(checker.accepts(changed) == decoded.has_value());
        }
    }
    for (const auto& field : samples::fields_of(frame)) {
        CAPTURE(field);
        CHECK_MESSAGE(properties.contains(field), "a field that is sent is in the schema");
    }
}

}  // namespace

TEST_CASE("codec and schema agree on every message and every change of one field") {
    for (const auto& sample : samples::messages()) {
        CAPTURE(sample.name);
        check_agreement(std::string(type_name(sample.message)), encode(sample.message),
                        decode_message);
    }
}

TEST_CASE("codec and schema agree on every request and reply") {
    for (const auto& sample : samples::requests())
        check_agreement("request", encode(sample.request), decode_one_request);
    for (const auto& sample : samples::replies())
        check_agreement("reply", encode(sample.reply), decode_one_reply);
}

TEST_CASE("every message has a schema, and every schema a message") {
    std::set<std::string> expected = {"request", "reply", "event"};
    for (const auto& sample : samples::messages())
        expected.insert(std::string(type_name(sample.message)));
    std::set<std::string> found;
    for (const auto& entry :
         std::filesystem::directory_iterator(test::source_directory() + "/ipc/schema/v1"))
        found.insert(entry.path().stem().string());
    CHECK(found == expected);
    for (const auto& type : found) {
        const json document = schema_of(type);
        CHECK(document["properties"]["type"]["const"] == type);
        for (const auto& item : document["properties"].items()) {
            if (item.key() != "type")
                CHECK_MESSAGE(
                    (item.value().contains("description") || item.value().contains("enum") ||
                     item.value().contains("properties")),
                    type, ".", item.key(), " says what it is");
        }
    }
}
