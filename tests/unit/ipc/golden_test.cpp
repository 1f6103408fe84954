// Frames that were once on the wire. A file here is never changed: if one no longer decodes, the
// program, not the file, is wrong. Set BULLPEN_GOLDEN_WRITE=1 to add the files of new samples.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "ipc/codec.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/ipc/samples.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

std::string golden_directory() {
    return test::source_directory() + "/tests/golden/ipc/v1";
}

std::string golden(const std::string& name, const std::string& frame) {
    const std::string path = golden_directory() + "/" + name + ".json";
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    if (std::getenv("BULLPEN_GOLDEN_WRITE") != nullptr && !std::filesystem::exists(path))
        test::write_text(path, frame);
    return test::read_text(path);
}

}  // namespace

TEST_CASE("every message is encoded to its golden frame and read back from it") {
    for (const auto& sample : samples::messages()) {
        CAPTURE(sample.name);
        const std::string frame = golden(sample.name, encode(sample.message));
        CHECK(encode(sample.message) == frame);
        const auto decoded = decode(frame);
        REQUIRE_MESSAGE(decoded, decoded.error().message());
        CHECK((*decoded == sample.message));
    }
}

TEST_CASE("every request and reply is encoded to its golden frame and read back from it") {
    for (const auto& sample : samples::requests()) {
        CAPTURE(sample.name);
        const std::string frame = golden(sample.name, encode(sample.request));
        CHECK(encode(sample.request) == frame);
        const auto decoded = decode_request(frame);
        REQUIRE_MESSAGE(decoded, decoded.error().message());
        CHECK((*decoded == sample.request));
    }
    for (const auto& sample : samples::replies()) {
        CAPTURE(sample.name);
        const std::string frame = golden(sample.name, encode(sample.reply));
        CHECK(encode(sample.reply) == frame);
        const auto decoded = decode_reply(frame);
        REQUIRE_MESSAGE(decoded, decoded.error().message());
        CHECK((*decoded == sample.reply));
    }
}

TEST_CASE("every golden frame ever written still decodes") {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(golden_directory())) {
        const std::string frame = test::read_text(entry.path());
        CAPTURE(entry.path().string());
        if (frame.find(R"("type":"request")") != std::string::npos) {
            CHECK(decode_request(frame).has_value());
        } else if (frame.find(R"("type":"reply")") != std::string::npos) {
            CHECK(decode_reply(frame).has_value());
        } else {
            CHECK(decode(frame).has_value());
        }
        ++count;
    }
    CHECK(count >=
          samples::messages().size() + samples::requests().size() + samples::replies().size());
}

TEST_CASE("every type of message has a sample") {
    std::set<std::size_t> seen;
    for (const auto& sample : samples::messages())
        seen.insert(sample.message.index());
    CHECK(seen.size() == std::variant_size_v<Message>);
}
