//! Empties functions that nothing calls and that function pointers keep in the program.
//!
//! Every erased view (`AnyView`) holds pointers to the asynchronous hydration of its type, which is 7 percent of all code. The
//! program hydrates synchronously, after it loaded the code of the page (`app::hydrate`). The linker cannot know that; the names of
//! the functions say it (decision 0030).

use anyhow::{Context, Result};
use std::{collections::HashSet, fs, path::Path};
use wasm_encoder::{CodeSection, Function, Instruction, Module, RawSection};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// Ends of paths, as mangled, of the functions that are never called: the erased view's function and the `poll` of every future. A call
/// ends in a trap, which fails every browser test.
///
/// The compiler merges functions of equal bodies under one of their names. These equal none of another purpose: the first holds the
/// address of the future's vtable, the second the source line for the panic of a poll after completion. That is not true of drop glue,
/// nor of `hydrate_from_template`, which equals `hydrate_from_server`.
const NEVER_CALLED: [&str; 2] = ["8into_any13hydrate_async17h", "13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h"];

/// Replaces the bodies of the functions that are never called; the optimiser drops what only they used.
pub fn run(file: &Path) -> Result<()> {
    let bytes = fs::read(file)?;
    if let Some(smaller) = stubbed(&bytes).with_context(|| file.display().to_string())? {
        fs::write(file, smaller)?;
    }
    Ok(())
}

/// The module with empty bodies, or `None` where it has no such function.
fn stubbed(bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let indices = never_called(bytes)?;
    if indices.is_empty() {
        return Ok(None);
    }
    let (mut module, mut code, mut index) = (Module::new(), CodeSection::new(), imported(bytes)?);
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        match &payload {
            Payload::CodeSectionStart { .. } => {}
            Payload::CodeSectionEntry(body) => {
                if indices.contains(&index) {
                    let mut empty = Function::new([]);
                    empty.instruction(&Instruction::Unreachable).instruction(&Instruction::End);
                    code.function(&empty);
                } else {
                    code.raw(body.as_bytes());
                }
                index += 1;
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    // The data and the custom sections follow the code.
                    if (id == 11 || id == 0) && !code.is_empty() {
                        module.section(&std::mem::take(&mut code));
                    }
                    module.section(&RawSection { id, data: &bytes[usize::try_from(range.start)?..usize::try_from(range.end)?] });
                }
            }
        }
    }
    Ok(Some(module.finish()))
}

/// Number of imported functions, which come first in the index space.
fn imported(bytes: &[u8]) -> Result<u32> {
    let mut count = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                count += u32::from(matches!(import?.ty, TypeRef::Func(_)));
            }
        }
    }
    Ok(count)
}

fn never_called(bytes: &[u8]) -> Result<HashSet<u32>> {
    let mut indices = HashSet::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        for name in names {
            let Name::Function(functions) = name? else { continue };
            for function in functions {
                let function = function?;
                if NEVER_CALLED.iter().any(|path| function.name.contains(path)) {
                    indices.insert(function.index);
                }
            }
        }
    }
    Ok(indices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{DataSection, EntityType, FunctionSection, ImportSection, NameMap, NameSection, TypeSection};

    /// A module with one imported function and two of its own, of which `name` is the second.
    fn module(name: &str) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("env", "outside", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for _ in 0..2 {
            functions.function(0);
            let mut body = Function::new([]);
            body.instruction(&Instruction::I32Const(7)).instruction(&Instruction::Drop).instruction(&Instruction::End);
            code.function(&body);
        }
        let mut names = NameMap::new();
        names.append(0, name);
        names.append(1, "other");
        names.append(2, name);
        let mut section = NameSection::new();
        section.functions(&names);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&code).section(&DataSection::new()).section(&section);
        module.finish()
    }

    fn bodies(module: &[u8]) -> Vec<Vec<u8>> {
        let body = |payload: Result<Payload<'_>, _>| match payload.ok()? {
            Payload::CodeSectionEntry(body) => Some(body.as_bytes().to_vec()),
            _ => None,
        };
        Parser::new(0).parse_all(module).filter_map(body).collect()
    }

    #[test]
    fn only_functions_that_are_never_called_are_emptied() {
        let module = module("_ZN6tachys8into_any13hydrate_async17h0123456789abcdefE");
        let smaller = stubbed(&module).expect("a module").expect("a function to empty");
        let (before, after) = (bodies(&module), bodies(&smaller));
        // No locals, `unreachable`, `end`.
        assert_eq!((&after[0], after[1].as_slice()), (&before[0], [0, 0x00, 0x0b].as_slice()));
        assert_eq!(imported(&smaller).expect("imports"), 1);
        assert_eq!(stubbed(&smaller).expect("a module").as_deref(), Some(smaller.as_slice()), "emptying twice changes nothing");
    }

    #[test]
    fn other_names_stay() {
        for name in ["_ZN4core3ptr50drop_in_place$LT$hydrate_async$GT$17h0123456789abcdefE", "_ZN6tachys13hydrate_async17h0123456789abcdefE"] {
            assert!(stubbed(&module(name)).expect("a module").is_none(), "{name}");
        }
    }
}
