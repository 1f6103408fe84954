// The schemas in ipc/schema/v1 and the codec must say the same: what one accepts or refuses, so
// does the other. The schemas are read by Python's validator: Debian's for C++ brings Qt with it.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "ipc/codec.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/ipc/samples.hpp"

using namespace bullpen;
using namespace bullpen::ipc;
using nlohmann::json;

namespace {

constexpr auto k_npos = std::string::npos;

json schema_of(const std::string& type) {
    return json::parse(
        test::read_text(test::source_directory() + "/ipc/schema/v1/" + type + ".json"));
}

// Frames, and what the codec made of each; the schemas' word on all of them comes from one run of
// the validator.
class Agreement {
  public:
    void add(const std::string& type, const std::string& frame, const Result<void>& decoded) {
        frames_ += type + "\t" + frame + "\n";
        all_.push_back(
            {frame, decoded ? "accepted" : decoded.error().message(), decoded.has_value()});
    }
    void check() const {
        const test::TemporaryDirectory directory;
        test::write_text(directory.file("frames"), frames_);
        test::Command command;
        command.argv = {"/usr/bin/python3",
                        test::source_directory() + "/tests/unit/ipc/validate.py",
                        test::source_directory() + "/ipc/schema/v1", directory.file("frames")};
        const auto outcome = test::run(command);
        REQUIRE_MESSAGE((outcome.exited && outcome.code == 0), outcome.err);
        REQUIRE(outcome.out.size() == 2 * all_.size());
        for (std::size_t i = 0; i < all_.size(); ++i) {
            CAPTURE(all_[i].frame);
            CAPTURE(all_[i].said);
            CHECK((outcome.out[2 * i] == '1') == all_[i].accepted);
        }
    }

  private:
    struct Frame {
        std::string frame;
        std::string said;  // by the codec
        bool accepted;
    };
    std::string frames_;
    std::vector<Frame> all_;
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
void add_variants(Agreement& agreement, const std::string& type, const std::string& frame,
                  const Decode& decode_it) {
    CHECK(decode_it(frame).has_value());
    agreement.add(type, frame, decode_it(frame));
    const auto document = schema_of(type);
    const auto& properties = document["properties"];
    for (const auto& item : properties.items()) {
        const std::string& field = item.key();
        const std::string cut = samples::without(frame, field);
        agreement.add(type, cut, decode_it(cut));
        for (const auto& value : k_values) {
            const std::string changed = samples::with(frame, field, value);
            const auto decoded = decode_it(changed);
            // A rule between two fields, which a schema cannot say.
            if (!decoded && decoded.error().context().find("above protocol_max") != k_npos)
                continue;
            agreement.add(type, changed, decoded);
        }
    }
    for (const auto& field : samples::fields_of(frame)) {
        CAPTURE(field);
        CHECK_MESSAGE(properties.contains(field), "a field that is sent is in the schema");
    }
}

}  // namespace

TEST_CASE("codec and schema agree on every message and every change of one field") {
    Agreement agreement;
    for (const auto& sample : samples::messages()) {
        CAPTURE(sample.name);
        add_variants(agreement, std::string(type_name(sample.message)), encode(sample.message),
                     decode_message);
    }
    agreement.check();
}

TEST_CASE("codec and schema agree on every request and reply") {
    Agreement agreement;
    for (const auto& sample : samples::requests())
        add_variants(agreement, "request", encode(sample.request), decode_one_request);
    for (const auto& sample : samples::replies())
        add_variants(agreement, "reply", encode(sample.reply), decode_one_reply);
    agreement.check();
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
