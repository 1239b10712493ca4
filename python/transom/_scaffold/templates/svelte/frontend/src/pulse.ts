// The second window.
import { mount } from "svelte";
import PulseWindow from "./PulseWindow.svelte";
import "./style.css";

mount(PulseWindow, { target: document.querySelector("#app")! });
