// Turns operations into functions of the addon.
#pragma once

#include <exception>
#include <new>

#include "arguments.h"
#include "kernels.h"

namespace fermata {

// Runs a call and converts C++ errors into JavaScript errors that begin with the operation's name.
template <class Call>
auto guarded(Napi::Env env, const char* name, const Call& call) -> decltype(call()) {
  const auto fail = [&](const std::string& problem) { return Napi::Error::New(env, name + (": " + problem)); };
  try {
    return call();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw fail("memory ran out. Make the batch smaller, the crop shorter, or the streams fewer.");
  } catch (const std::exception& error) {
    throw fail(error.what());
  }
}

template <Napi::Value (*Function)(const Napi::CallbackInfo&)>
void addFunction(Napi::Env env, Napi::Object exports, const char* name) {
  const auto call = [name](const Napi::CallbackInfo& info) {
    return guarded(info.Env(), name, [&] { return Function(info); });
  };
  exports.Set(name, Napi::Function::New(env, call, name));
}

// The same for operations without a result, including errors about their arguments.
template <void (*Operation)(const Arguments&)>
void addOperation(Napi::Env env, Napi::Object exports, const char* name) {
  const auto call = [name](const Napi::CallbackInfo& info) {
    guarded(info.Env(), name, [&] { Operation(Arguments(info, name)); });
  };
  exports.Set(name, Napi::Function::New(env, call, name));
}

void addModelOperations(Napi::Env env, Napi::Object exports);
void addArithmetic(Napi::Env env, Napi::Object exports);
void addSampler(Napi::Env env, Napi::Object exports);

}  // namespace fermata
